// Package tests reads what the Helm chart renders, object by object, as Kubernetes would: every field must be one that its type has.
//
// It is a module of its own, so that the product's go.mod knows nothing of Kubernetes. What a real API server says to the
// chart is in lab/cluster.
//
// Start reading at chart_test.go.
package tests
