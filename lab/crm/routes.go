package crm

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

func (c *CRM) routes() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc(webhookPath, c.receive).Methods(http.MethodPost)
	r.HandleFunc("/_received", c.list).Methods(http.MethodGet)
	r.HandleFunc("/_received", c.forget).Methods(http.MethodDelete)
	r.HandleFunc("/_control", c.control).Methods(http.MethodPost)
	return r
}

func (c *CRM) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "cannot read the body; at most 1 MiB is taken", http.StatusRequestEntityTooLarge)
		return
	}
	c.awaitResume()
	why := c.verify(r.Header, body)
	behaviour := c.record(Request{
		ID: r.Header.Get("Webhook-Id"), CallID: callIDOf(body), At: time.Now().UTC(),
		Header: r.Header.Clone(), Body: body, Verified: why == "", Unverified: why,
	})
	behaviour.play(w, r, why == "")
}

func (c *CRM) list(w http.ResponseWriter, r *http.Request) {
	requests := c.Received()
	if id := r.URL.Query().Get("call_id"); id != "" {
		requests = c.ForCall(id)
	}
	if requests == nil {
		requests = []Request{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(requests) // the reader went away; there is nobody to tell
}

func (c *CRM) forget(w http.ResponseWriter, _ *http.Request) {
	c.Reset()
	w.WriteHeader(http.StatusNoContent)
}

func (c *CRM) control(w http.ResponseWriter, r *http.Request) {
	var b Behaviour
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil {
		http.Error(w, "send a behaviour as JSON: "+err.Error(), http.StatusBadRequest)
		return
	}
	if err := c.Behave(b); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
