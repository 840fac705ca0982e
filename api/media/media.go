package media

import (
	"bytes"
	"mime"
	"strings"
)

// IsJSON reports whether a Content-Type is JSON in UTF-8. Old senders write the character set as "utf8".
func IsJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" {
		return false
	}
	charset := params["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// WithoutMark is a text without the byte order mark that some writers of UTF-8 put before it (RFC 8259, section 8.1, lets a reader
// ignore it).
func WithoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }
