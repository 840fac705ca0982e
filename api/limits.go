package api

import (
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Rates. They bound what one caller or one call can cost, far above what an honest one does.
const (
	callerPerSecond = 100 // requests of one API key
	callerBurst     = 200
	statusPerSecond = 2 // status reports of one call: 20 in 10 seconds
	statusBurst     = 20
	reportPerSecond = 1.0 / 30 // answer reports of one call that reach Temporal, where each one is billed and the first counts
	reportBurst     = 1
)

// limitedKeys bounds a limiter's memory. Who floods with made-up ids pushes others out, and these then get a fresh
// allowance: that errs on the side of letting calls through.
const limitedKeys = 20_000

type limits struct {
	callers, statuses, reports *limiter
}

func newLimits() limits {
	return limits{
		callers:  newLimiter(callerPerSecond, callerBurst),
		statuses: newLimiter(statusPerSecond, statusBurst),
		reports:  newLimiter(reportPerSecond, reportBurst),
	}
}

// limiter is a token bucket for each key. It is safe for concurrent use.
type limiter struct {
	perSecond rate.Limit
	burst     int
	buckets   *lru.Cache[string, *rate.Limiter]
}

func newLimiter(perSecond rate.Limit, burst int) *limiter {
	return &limiter{perSecond: perSecond, burst: burst, buckets: newLRU[*rate.Limiter](limitedKeys)}
}

// take takes one token of key, or says how long to wait for the next.
func (l *limiter) take(key string, now time.Time) (wait time.Duration, ok bool) {
	bucket, found := l.buckets.Get(key)
	if !found {
		fresh := rate.NewLimiter(l.perSecond, l.burst)
		if earlier, raced, _ := l.buckets.PeekOrAdd(key, fresh); raced {
			bucket = earlier
		} else {
			bucket = fresh
		}
	}
	token := bucket.ReserveN(now, 1)
	if wait = token.DelayFrom(now); wait > 0 {
		token.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// forget gives key its whole allowance again.
func (l *limiter) forget(key string) { l.buckets.Remove(key) }

// seenEvents remembers the LiveKit events that were handed on. It saves signals, nothing more: calls ignore repeated
// events by themselves, so what falls out of it, or another process saw, does no harm.
type seenEvents struct{ ids *lru.Cache[string, struct{}] }

func newSeenEvents() *seenEvents { return &seenEvents{ids: newLRU[struct{}](10_000)} }

func (s *seenEvents) has(id string) bool { return id != "" && s.ids.Contains(id) }

func (s *seenEvents) add(id string) {
	if id != "" {
		s.ids.Add(id, struct{}{})
	}
}

func newLRU[V any](size int) *lru.Cache[string, V] {
	cache, err := lru.New[string, V](size)
	if err != nil {
		panic(err) // only for a size below one, and sizes are constants
	}
	return cache
}
