// Package setup brings a machine that has only Go, Node and Debian's package manager to where the lab can run: it
// installs the Debian packages that are missing and builds the servers and linters that lab/tools pins.
//
// Never here: running any of it (lab/servers).
//
// Start reading at setup.go.
package setup
