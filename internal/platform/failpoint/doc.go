// Package failpoint names the places where a test makes a process die, fail, wait or see another clock. Only a binary
// built with the tag "failpoints" has them: in every other one Hit does nothing, Now is the clock, and there is nothing
// to switch on. It knows no module; a place is a name such as "checkout.begun".
package failpoint
