package ui

import "net/http"

// setPolicy tells the browser what the console's pages may do.
//
//   - Scripts come from this server alone; none is inline.
//   - Style elements need the nonce of this response: Mantine writes its variables into one, and charts and dialogs write
//     theirs. That is stricter than 'unsafe-inline'.
//   - Connections go to this server and to LiveKit, whose address is a setting that may change while a page is open, and
//     which may send a browser on to another host of a region; hence schemes and not a host.
//   - Nobody may frame the console.
func setPolicy(h http.Header, nonce string) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; "+
		"img-src 'self' data:; font-src 'self'; media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; "+
		"connect-src 'self' ws: wss: https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
