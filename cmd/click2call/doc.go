// Command click2call is the whole product in one binary: the HTTP api, the Temporal worker, and the operators' tools.
//
// config.go names every environment variable, config_check.go says what is wrong with one, app.go wires the parts,
// commands.go lists the commands. Nothing else lives here.
package main
