package api

import (
	"cmp"
	"crypto/sha256"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/click2call/click2call/call"
)

// Limits are how much one process answers before it says 429, or 503 where a turn is waited for. They bound what one caller, one
// call or one address can cost, far above what an honest one does. What is zero is the default.
type Limits struct {
	Key       int // requests a second with one API key; as many again at once
	WrongKeys int // wrong API keys a minute from one address
	Call      int // requests a second of one kind for one call: reading it, /connect, /hangup, /token; as many again at once
	Report    int // the same for what costs a row or LiveKit's work each time: /status, /hold with /unhold; ten seconds' worth at once
	Strangers int // requests a second from one address with call ids that nobody has; as many again at once
	Openings  int // calls that are opened at the same time
}

// Default limits.
const (
	DefaultKeyRate    = 100
	DefaultWrongKeys  = 10
	DefaultCallRate   = 50
	DefaultReportRate = 2
	DefaultStrangers  = 300
	DefaultOpenings   = 16
)

// Rates that are not for operators to set: more would say nothing more, or nobody could play it.
const (
	answersPerSecond = 1.0 / 30 // answer reports of one call that reach Temporal, where each one is billed and the first counts
	answersBurst     = 1
	keysPerSecond    = 4 // telephone keys of one call; LiveKit's SIP service plays two a second
	keysBurst        = 64
)

// limitedKeys bounds a limiter's memory. Who floods with made-up ids pushes others out, and these then get a fresh
// allowance: that errs on the side of letting calls through.
const limitedKeys = 20_000

type limits struct {
	callers, strangers, wrongKeys *limiter
	kinds                         map[string]*limiter // of one call, by the route
	answers, keys                 *limiter            // of one call

	rightKeys *lru.Cache[[sha256.Size]byte, struct{}] // hashes of an address and a key that was right from there
	known     *lru.Cache[call.ID, struct{}]           // calls that were found
}

func newLimits(l Limits) limits {
	perCall, report := cmp.Or(l.Call, DefaultCallRate), cmp.Or(l.Report, DefaultReportRate)
	brisk := func() *limiter { return newLimiter(rate.Limit(perCall), 2*perCall) }
	slow := func() *limiter { return newLimiter(rate.Limit(report), 10*report) }
	key, address, wrong := cmp.Or(l.Key, DefaultKeyRate), cmp.Or(l.Strangers, DefaultStrangers), cmp.Or(l.WrongKeys, DefaultWrongKeys)
	holds := slow()
	return limits{
		callers:   newLimiter(rate.Limit(key), 2*key),
		strangers: newLimiter(rate.Limit(address), 2*address),
		wrongKeys: newLimiter(rate.Limit(wrong)/60, wrong),
		kinds: map[string]*limiter{
			oneCall: brisk(), oneCall + "/connect": brisk(), oneCall + "/hangup": brisk(), oneCall + "/token": brisk(),
			oneCall + "/status": slow(), oneCall + "/hold": holds, oneCall + "/unhold": holds,
			oneCall + "/dtmf": brisk(), // before what it presses is counted
		},
		answers:   newLimiter(answersPerSecond, answersBurst),
		keys:      newLimiter(keysPerSecond, keysBurst),
		rightKeys: newLRU[[sha256.Size]byte, struct{}](limitedKeys),
		known:     newLRU[call.ID, struct{}](limitedKeys),
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

func newLRU[K comparable, V any](size int) *lru.Cache[K, V] {
	cache, err := lru.New[K, V](size)
	if err != nil {
		panic(err) // only for a size below one, and sizes are constants
	}
	return cache
}
