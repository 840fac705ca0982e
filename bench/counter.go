package bench

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// counter is a reverse proxy in front of LiveKit that counts API requests by method. Signalling passes uncounted.
type counter struct {
	server   *http.Server
	listener net.Listener

	mu     sync.Mutex
	counts map[string]int
}

func newCounter(ctx context.Context, upstream string) (*counter, error) {
	to, err := url.Parse(upstream)
	if err != nil {
		return nil, fmt.Errorf("count LiveKit's requests: %w", err)
	}
	c := &counter{counts: map[string]int{}}
	if c.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("count LiveKit's requests: %w", err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{MaxIdleConnsPerHost: 100},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { // a browser or a dial that was given up
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	c.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/twirp/") {
			c.mu.Lock()
			c.counts[path.Base(r.URL.Path)]++
			c.mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = c.server.Serve(c.listener) }() // ends with Close, and says only that
	return c, nil
}

func (c *counter) close() { _ = c.server.Close() }

func (c *counter) url() string { return "http://" + c.listener.Addr().String() }

// read is the requests so far, by method.
func (c *counter) read() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}

// since is how many requests by method came after an earlier reading.
func since(now, before map[string]int) map[string]int {
	d := map[string]int{}
	for method, n := range now {
		if n > before[method] {
			d[method] = n - before[method]
		}
	}
	return d
}

// byMethod renders counts, the most frequent first: "31 ListParticipants, 1 CreateRoom".
func byMethod(counts map[string]int) string {
	methods := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	words := make([]string, 0, len(methods))
	for _, m := range methods {
		words = append(words, fmt.Sprintf("%d %s", counts[m], m))
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
