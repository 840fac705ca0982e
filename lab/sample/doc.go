// Package sample fills a lab's SQLite database with calls as a busy month leaves them: agents with office hours, a trunk
// that failed one afternoon, a CRM that was out for two hours. Console and lists are then seen at a size that counts.
//
// It writes rows and not calls, because ten thousand real ones would take days. So it knows the tables of the store's
// migrations; TestFill runs it on the real ones.
//
// Start reading at sample.go.
package sample
