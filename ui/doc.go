// Package ui is the operators' console and the public integration guide: a React application in src/, built by Vite into
// dist/app/ and embedded in the binary, and the handler that serves it.
//
// Never here: business rules. The console shows what api/admin answers; its types are generated from
// api/admin/openapi.yaml.
//
// Start reading at handler.go for the serving, at src/app/routes.tsx for the pages, at guide/integration.md for the
// text that CRM developers read.
package ui
