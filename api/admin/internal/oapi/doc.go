// Package oapi is generated from ../../openapi.yaml: the types of every body, and the routes. Change the
// document, then run "go generate ./api/admin/...".
package oapi

//go:generate go tool -modfile=../../../../lab/tools/oapi-codegen/go.mod oapi-codegen -config config.yaml -o oapi.gen.go ../../openapi.yaml
