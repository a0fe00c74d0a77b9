// Package app is the composition root: the only package that knows every module. It opens the databases, builds the
// modules, hands each the others' front doors, mounts their routes behind one set of middleware, and turns the events of
// one module into calls on another. It holds no rule of the shop itself.
package app
