package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"
)

const (
	operatorTimeout = 10 * time.Second
	maxReply        = 1 << 20 // of an answer to an operator
)

// Operator is the product's first user, logged in: what one does in the console is done through it.
type Operator struct {
	base string
	http *http.Client
}

// LogIn logs in as the first user, and changes the first password, as the console asks. It can be done once for a product's database.
func (w *World) LogIn(ctx context.Context) (*Operator, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	o := &Operator{base: w.ProductURL(), http: &http.Client{Jar: jar, Timeout: operatorTimeout}}
	first := w.Secrets.AdminPassword
	if err := o.Do(ctx, http.MethodPost, "/login", map[string]string{"name": "admin", "password": first}, nil); err != nil {
		return nil, err
	}
	return o, o.Do(ctx, http.MethodPost, "/me/password", map[string]string{"current_password": first, "new_password": first + " changed"}, nil)
}

// Do asks the operators' API. Body goes out as JSON unless it is nil; the answer is read into into unless that is nil. An answer of 300 and
// above is an error that holds its beginning.
func (o *Operator) Do(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, o.base+"/api/admin"+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, resp.Status, answer)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
