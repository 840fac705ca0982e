// Package cluster puts the Helm chart to a real Kubernetes API server: kube-apiserver and etcd, and no more. So every object is
// judged by the code that judges it in a cluster (types, defaults, validation, Pod Security), and Helm's installations, upgrades and rollbacks are
// real. No pod runs: there is no kubelet, no scheduler and no controller; the one thing that Helm waits for, the migration's Job, is
// finished by clerk.go.
//
// Never here: product code.
//
// Start reading at proof.go.
package cluster
