// A receiver of click2call's webhooks, for you to copy. It verifies with the official Standard Webhooks library, keeps each
// event once and for good, answers at once and works later. Its inbox is a directory of files, so that it runs as it is; in
// a CRM, a table with a unique index on the webhook-id takes that place.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const maxBody = 64 << 10

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	verifier, err := standardwebhooks.NewWebhook(os.Getenv("CLICK2CALL_WEBHOOK_SECRET"))
	if err != nil {
		return fmt.Errorf("set CLICK2CALL_WEBHOOK_SECRET to the endpoint's whsec_ secret: %w", err)
	}
	key := os.Getenv("CLICK2CALL_OUTBOUND_KEY")
	if key == "" {
		return errors.New("set CLICK2CALL_OUTBOUND_KEY to the key that click2call sends as X-api-key")
	}
	inbox, err := openInbox(cmp.Or(os.Getenv("EVENTS_DIR"), "events"))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(os.Getenv("LISTEN"), ":3000"))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	go inbox.work(ctx)

	mux := http.NewServeMux()
	mux.Handle("POST /webhooks/click2call", receive(verifier, key, inbox))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Printf("listening on http://%s/webhooks/click2call\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// receive is the whole of a good receiver: verify first, keep once, answer, and leave the work to another.
func receive(verifier *standardwebhooks.Webhook, key string, inbox *inbox) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			http.Error(w, "the body is too large or broke off", http.StatusBadRequest)
			return
		}
		if !same(r.Header.Get("X-api-key"), key) {
			http.Error(w, "wrong X-api-key", http.StatusUnauthorized)
			return
		}
		// The raw bytes, before anything parses them. Verify also refuses timestamps beyond five minutes.
		if err := verifier.Verify(body, r.Header); err != nil {
			http.Error(w, "the signature does not hold", http.StatusUnauthorized)
			return
		}
		id := r.Header.Get(standardwebhooks.HeaderWebhookID)
		if !eventID.MatchString(id) {
			http.Error(w, "webhook-id is not an event id", http.StatusBadRequest)
			return
		}
		if err := inbox.keep(id, body); err != nil {
			log.Print(err)
			http.Error(w, "cannot keep the event now; send it again", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent) // the same for an event that was here before
	}
}

// same compares in constant time, whatever the lengths.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
