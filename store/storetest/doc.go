// Package storetest gives tests fresh, real databases: a private PostgreSQL cluster, started once for the test process
// from the machine's own binaries, with a database of its own for each test, a PgBouncer before it, and SQLite files.
//
// Never here: product code, fakes. Start reading at storetest.go.
package storetest
