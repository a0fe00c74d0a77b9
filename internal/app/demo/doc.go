// Package demo is the shop that a new private database opens with: goods, prices, stock, shipping and taxes to look at
// and to buy, and drawn pictures of them. It brings them in through the modules' front doors, as any import would, and
// keeps nothing itself. It knows the modules' front doors, and not how a server or a command uses it.
package demo
