package api

import (
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Rates. They bound what one caller, one call or one address can cost, far above what an honest one does.
const (
	// An office's agents share one address: 200 whose pages look at the record every second, and half as much again.
	addressPerSecond = 300
	addressBurst     = 600

	wrongKeysPerSecond = 10.0 / 60 // wrong API keys from one address
	wrongKeysBurst     = 10

	callerPerSecond = 100 // requests of one API key
	callerBurst     = 200
	statusPerSecond = 2 // status reports of one call: 20 in 10 seconds
	statusBurst     = 20
	reportPerSecond = 1.0 / 30 // answer reports of one call that reach Temporal, where each one is billed and the first counts
	reportBurst     = 1
	keysPerSecond   = 4 // telephone keys of one call; LiveKit's SIP service plays two a second
	keysBurst       = 64
	holdPerSecond   = 1 // orders to hold one call or to let it go on
	holdBurst       = 10
)

// limitedKeys bounds a limiter's memory. Who floods with made-up ids pushes others out, and these then get a fresh
// allowance: that errs on the side of letting calls through.
const limitedKeys = 20_000

type limits struct {
	callers, statuses, reports, keys, holds *limiter
	addresses, wrongKeys                    *limiter

	rightKeys *lru.Cache[[sha256.Size]byte, struct{}] // hashes of an address and a key that was right from there
}

func newLimits() limits {
	return limits{
		callers:  newLimiter(callerPerSecond, callerBurst),
		statuses: newLimiter(statusPerSecond, statusBurst),
		reports:  newLimiter(reportPerSecond, reportBurst),
		keys:     newLimiter(keysPerSecond, keysBurst),
		holds:    newLimiter(holdPerSecond, holdBurst),

		addresses: newLimiter(addressPerSecond, addressBurst),
		wrongKeys: newLimiter(wrongKeysPerSecond, wrongKeysBurst),
		rightKeys: newLRU[[sha256.Size]byte, struct{}](limitedKeys),
	}
}

// limiter is a token bucket for each key. It is safe for concurrent use.
type limiter struct {
	perSecond rate.Limit
	burst     int
	buckets   *lru.Cache[string, *rate.Limiter]
}

func newLimiter(perSecond rate.Limit, burst int) *limiter {
	return &limiter{perSecond: perSecond, burst: burst, buckets: newLRU[string, *rate.Limiter](limitedKeys)}
}

// take takes one token of key, or says how long to wait for the next.
func (l *limiter) take(key string, now time.Time) (wait time.Duration, ok bool) {
	return l.takeMany(key, 1, now)
}

// takeMany takes n tokens of key, at most its burst, or says how long to wait until all are there.
func (l *limiter) takeMany(key string, n int, now time.Time) (wait time.Duration, ok bool) {
	token := l.bucket(key).ReserveN(now, n)
	if wait = token.DelayFrom(now); wait > 0 {
		token.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// charge takes one token of key, and if there is none, the next that it would get: who tries many times at once pays
// for all of them.
func (l *limiter) charge(key string, now time.Time) { l.bucket(key).ReserveN(now, 1) }

// debt says how long it takes until key has a token, without taking it.
func (l *limiter) debt(key string, now time.Time) time.Duration {
	bucket, found := l.buckets.Get(key)
	if !found {
		return 0
	}
	missing := max(0, 1-bucket.TokensAt(now))
	return time.Duration(missing / float64(l.perSecond) * float64(time.Second))
}

func (l *limiter) bucket(key string) *rate.Limiter {
	if bucket, found := l.buckets.Get(key); found {
		return bucket
	}
	fresh := rate.NewLimiter(l.perSecond, l.burst)
	if earlier, raced, _ := l.buckets.PeekOrAdd(key, fresh); raced {
		return earlier
	}
	return fresh
}

// forget gives key its whole allowance again.
func (l *limiter) forget(key string) { l.buckets.Remove(key) }

// seenEvents remembers the LiveKit events that were handed on. It saves signals, nothing more: calls ignore repeated
// events by themselves, so what falls out of it, or another process saw, does no harm.
type seenEvents struct{ ids *lru.Cache[string, struct{}] }

func newSeenEvents() *seenEvents { return &seenEvents{ids: newLRU[string, struct{}](10_000)} }

func (s *seenEvents) has(id string) bool { return id != "" && s.ids.Contains(id) }

func (s *seenEvents) add(id string) {
	if id != "" {
		s.ids.Add(id, struct{}{})
	}
}

func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // only for a size below one, and sizes are constants
	}
	return cache
}
