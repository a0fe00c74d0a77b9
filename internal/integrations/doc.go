// Package integrations is the front door of the integrations module: bringing merchants' files into the shop. It turns
// rows into calls of catalog, pricing and inventory and owns none of what they keep; it has no tables yet.
package integrations
