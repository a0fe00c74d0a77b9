// Package fakeprovider is a payment provider for development and tests: it holds, takes and gives back money that does not
// exist, over HTTP, as a real provider would. It owns a journal on disk, from which a killed one comes back as it was, and
// a script of failures that makes it slow, forgetful of answers or wrong.
//
// Every operation that took effect is a line of the journal before anybody is answered, so the journal is a second,
// independent account of the money. The package knows no module of Rialto: whoever speaks its protocol may use it.
package fakeprovider
