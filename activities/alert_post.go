package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"
)

// alertFor is how long posting an alert may take: a delivery waits for it.
const alertFor = 5 * time.Second

// PostAlerter posts alerts as JSON to a URL of the operator's: the fields of Alert and "at". It tries once: the log has the
// alert as well. The URL is the operator's own infrastructure, so private addresses are fine; redirects are not followed.
type PostAlerter struct {
	url    string
	client *http.Client
	log    zerolog.Logger
}

// NewPostAlerter returns a PostAlerter for an http(s) URL.
func NewPostAlerter(address string, log zerolog.Logger) *PostAlerter {
	return &PostAlerter{url: address, log: log, client: &http.Client{
		Timeout:       alertFor,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Alert implements Alerter.
func (p *PostAlerter) Alert(ctx context.Context, a Alert) {
	if err := p.post(context.WithoutCancel(ctx), a); err != nil {
		p.log.Warn().Err(err).Str("alert", string(a.Kind)).Msg("cannot post an alert to OPERATOR_WEBHOOK_URL; it is in the log only")
	}
}

func (p *PostAlerter) post(ctx context.Context, a Alert) error {
	body, err := json.Marshal(struct {
		Alert
		At time.Time `json:"at"`
	}{a, time.Now().UTC()})
	if err != nil {
		return fmt.Errorf("render alert: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("build request: the URL cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return fmt.Errorf("post alert: %w", unwrapURL(err))
	}
	defer resp.Body.Close()                                     //nolint:errcheck // nothing is left to be done about it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096)) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("post alert: answered %d", resp.StatusCode)
	}
	return nil
}

// unwrapURL drops net/http's wrapping, which repeats the URL and with it any key in it.
func unwrapURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
