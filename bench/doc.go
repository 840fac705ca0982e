// Package bench measures what a call costs and how quick it is, side by side with the program people write first
// (bench/baseline), a workflow that polls by timer (bench/poller), and the limits: bare LiveKit and bare Temporal. Subjects
// take turns in shuffled rounds, so that a noisy machine is noisy for all of them; what is printed are medians with their
// spread over the rounds.
//
// Never here: product code, and limits that a busy machine can break; what must hold in every test is in e2e.
//
// Start reading at bench.go. install.go starts the subjects; place.go, phone.go, cost.go, lives.go and live.go measure one
// thing each; page.go writes docs/performance.md.
package bench
