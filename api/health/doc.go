// Package health says how the installation does: one function, [Judge], turns what is known of every part that calls stand on into
// words. The console's badge, its pages, the ledger's sentence and /readyz all take theirs from it, so that they cannot disagree.
//
// It judges and asks nobody. Whoever wants its word gathers the facts: api/admin for operators, /readyz of api and of the worker.
//
// Start with [Facts], then judge.go.
package health
