// Package history reads what Temporal keeps of a workflow: how many events, how many billable actions, and every text in
// it. It knows Temporal, not the product.
//
// Never here: product code; assertions about how much is too much (e2e).
//
// Start reading at bill.go: it holds Temporal Cloud's price list.
package history
