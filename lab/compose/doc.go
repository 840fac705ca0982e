// Package compose proves docker-compose.yml by running it, on an engine of its own: it installs as an operator would, makes real calls
// through Caddy, kills every container, upgrades, backs up, restores, and takes everything down again.
//
// No image is pulled: our own is built from the Dockerfile, the others are stand-ins (images/) made of the very programs, where those build
// from Go modules, or of Debian's. What a stand-in proves is that our file and the program agree; not that the makers' image is as
// ours. All of it runs in namespaces of its own: the network, the mounts and the processes end with the lab.
//
// Never here: product code, and anything that touches another Docker on this machine.
//
// Start reading at proof.go.
package compose
