// Package integrations is the front door of the integrations module: bringing merchants' files into the shop. It owns the
// imports, how far each has come, what was wrong with their rows, and what is known of the pictures that they link to. It
// turns rows into calls of catalog, pricing and inventory and owns none of what they keep.
package integrations
