// Package eventproxy stands between LiveKit and the product's webhook and does to events what networks, restarts and
// attackers do: drops them, doubles them, delays them into another order, holds them back and replays them later, and
// sends forged ones.
//
// Never here: product code, and any wish to know what the product makes of an event beyond its HTTP status.
//
// Start reading at proxy.go; event.go signs events as LiveKit does.
package eventproxy
