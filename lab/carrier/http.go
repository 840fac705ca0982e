package carrier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/mux"
)

// openBooks serves the books. They hold telephone numbers in full: the default address is loopback for that reason.
func (c *Carrier) openBooks(ctx context.Context) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", c.cfg.HTTPAddr)
	if err != nil {
		return fmt.Errorf("listen for HTTP on %s: %w; stop what holds it or choose another address", c.cfg.HTTPAddr, err)
	}
	c.webAt = ln.Addr()
	c.web = &http.Server{
		Handler: c.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	c.running.Go(func() {
		if err := c.web.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			c.cfg.Logger.Error().Err(err).Msg("the carrier's books are closed")
		}
	})
	return nil
}

func (c *Carrier) handler() http.Handler {
	r := mux.NewRouter().UseEncodedPath() // a Call-ID may hold a slash
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		c.write(w, http.StatusOK, map[string]string{"status": "ok", "sip": c.SIPAddr()})
	}).Methods(http.MethodGet)
	r.HandleFunc("/calls", c.getCalls(anyCall)).Methods(http.MethodGet)
	r.HandleFunc("/calls", c.deleteCalls).Methods(http.MethodDelete)
	r.HandleFunc("/lines", c.getCalls(inUse)).Methods(http.MethodGet)
	r.HandleFunc("/calls/{id}", c.getCall).Methods(http.MethodGet)
	r.HandleFunc("/calls/{id}/hangup", c.postHangUp).Methods(http.MethodPost)
	r.HandleFunc("/hangup-all", func(w http.ResponseWriter, _ *http.Request) {
		c.write(w, http.StatusAccepted, map[string]int{"lines": c.HangUpAll()})
	}).Methods(http.MethodPost)
	r.HandleFunc("/numbers/{number}", func(w http.ResponseWriter, req *http.Request) {
		c.write(w, http.StatusOK, c.Number(variable(req, "number")))
	}).Methods(http.MethodGet)
	return r
}

// getCalls lists the newest calls, oldest first: ?limit= of them, at most 10,000, by default 1,000.
func (c *Carrier) getCalls(keep func(Call) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		limit := maxListed
		if s := req.URL.Query().Get("limit"); s != "" {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 || n > 10*maxListed {
				c.write(w, http.StatusBadRequest, problem("limit must be a number from 1 to 10000"))
				return
			}
			limit = n
		}
		c.write(w, http.StatusOK, c.books.list(limit, keep))
	}
}

func (c *Carrier) getCall(w http.ResponseWriter, req *http.Request) {
	call, ok := c.books.one(variable(req, "id"))
	if !ok {
		c.write(w, http.StatusNotFound, problem("no such call; GET /calls lists them"))
		return
	}
	c.write(w, http.StatusOK, call)
}

func (c *Carrier) deleteCalls(w http.ResponseWriter, _ *http.Request) {
	c.Reset()
	w.WriteHeader(http.StatusNoContent)
}

func (c *Carrier) postHangUp(w http.ResponseWriter, req *http.Request) {
	if err := c.HangUp(variable(req, "id")); err != nil {
		c.write(w, http.StatusNotFound, problem(err.Error()))
		return
	}
	c.write(w, http.StatusAccepted, map[string]string{"status": "hanging up"})
}

func (c *Carrier) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		c.cfg.Logger.Debug().Err(err).Msg("the reader of the books went away")
	}
}

func problem(detail string) map[string]string { return map[string]string{"detail": detail} }

func variable(req *http.Request, name string) string {
	v, err := url.PathUnescape(mux.Vars(req)[name])
	if err != nil {
		return "" // matches nothing
	}
	return v
}
