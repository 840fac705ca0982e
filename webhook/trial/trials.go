package trial

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/click2call/click2call/webhook"
)

// Group says what a trial is about.
type Group string

// The groups, in the order in which they are run.
const (
	Outcomes Group = "outcomes" // one outcome of each kind
	Again    Group = "again"    // duplicates and retries
	Forged   Group = "forged"   // what must be refused
	Hard     Group = "hard"     // what must be taken all the same
)

// Expected is what a receiver should do with one webhook.
type Expected string

// What may be expected.
const (
	Taken   Expected = "taken"   // any 2xx
	Refused Expected = "refused" // any 4xx
)

// Trial is one test of a receiver.
type Trial struct {
	Name    string // stable, for commands and paths
	Group   Group
	Title   string
	Sends   string // what is sent, in words
	Expects string // what a good receiver does, in words

	kind    kind
	needs   func(webhook.Request) bool // which endpoints it fits; nil: all
	steps   []step
	atOnce  bool   // the steps are sent at the same moment
	same    bool   // all steps must get the same status
	mistake string // what a receiver that fails it most likely does wrong, and what to do instead
}

// step is one webhook of a trial. All steps of a trial are about the same event.
type step struct {
	what   string
	expect Expected
	spoil  func(r *webhook.Request, now time.Time) // what is special about it; nil: nothing
}

const (
	// tolerance is how far webhook-timestamp may be from a receiver's clock: Standard Webhooks' libraries allow five
	// minutes. Trials keep well away from it on both sides, because clocks differ.
	tolerance = 5 * time.Minute
	outside   = 3 * tolerance
	inside    = tolerance / 2

	// slowLink takes about two seconds for a webhook, and as long again for a TLS handshake.
	slowLink = 600 // bytes per second
)

// All are the trials that fit an endpoint, in the order in which to run them.
func All(to webhook.Request) []Trial {
	var fitting []Trial
	for _, t := range trials {
		if t.needs == nil || t.needs(to) {
			fitting = append(fitting, t)
		}
	}
	return fitting
}

var trials = append(outcomeTrials(), append(againTrials(), append(forgedTrials(), hardTrials()...)...)...)

func outcomeTrials() []Trial {
	list := make([]Trial, len(kinds))
	for i, k := range kinds {
		list[i] = Trial{
			Name: "outcome-" + string(k.reason), Group: Outcomes, kind: k,
			Title:   string(k.status) + ", " + string(k.reason),
			Sends:   "A signed outcome: " + k.outcome(time.Time{}).Words() + ".",
			Expects: "A 2xx within 15 seconds.",
			steps:   []step{{what: "the outcome", expect: Taken}},
			mistake: "Take every call_status and disconnect_reason, also of a call or case that you do not know: keep it, answer 2xx, look into it later.",
		}
	}
	return list
}

func againTrials() []Trial {
	const unique = "Keep the webhook-id in a column with a unique index. When it is there already, answer 2xx and do nothing."
	return []Trial{
		{
			Name: "duplicate", Group: Again, same: true, Title: "A duplicate",
			Sends:   "The same webhook twice, byte for byte, as after an answer that was lost on the way.",
			Expects: "The same 2xx both times, and one event in the CRM.",
			steps:   []step{{what: "the webhook", expect: Taken}, {what: "the same webhook again", expect: Taken}},
			mistake: unique + " An error here makes us send it again and again.",
		},
		{
			Name: "duplicate-at-once", Group: Again, Title: "Two at the same moment", atOnce: true,
			Sends:   "The same webhook twice, at the same moment.",
			Expects: "A 2xx both times, and one event in the CRM.",
			steps:   []step{{what: "the webhook", expect: Taken}, {what: "the same webhook beside it", expect: Taken}},
			mistake: unique + " Do not look first and insert then: both would find nothing.",
		},
		{
			Name: "retry", Group: Again, same: true, Title: "A later attempt",
			Sends:   "The same event again after a while, as our retries do: the same webhook-id and bytes, a new timestamp and signature.",
			Expects: "The same 2xx both times, and one event in the CRM.",
			steps: []step{
				{what: "attempt 1, two and a half minutes old", expect: Taken, spoil: func(r *webhook.Request, now time.Time) {
					r.Fault = &webhook.Fault{At: now.Add(-inside)}
				}},
				{what: "attempt 2, fresh", expect: Taken, spoil: func(r *webhook.Request, _ time.Time) { r.Attempt = 2 }},
			},
			mistake: unique + " The id names the event, the signature only one attempt: never compare signatures or timestamps to find duplicates.",
		},
		{
			Name: "replay", Group: Again, same: true, Title: "A replay by an operator",
			Sends:   "The same event twice, the second time marked X-Click2call-Replay: manual.",
			Expects: "The same 2xx both times, and one event in the CRM.",
			steps: []step{
				{what: "the webhook", expect: Taken},
				{what: "its replay", expect: Taken, spoil: func(r *webhook.Request, _ time.Time) { r.Replay = true }},
			},
			mistake: unique + " Replays are wanted: an operator makes them when the CRM had lost something.",
		},
	}
}

func forgedTrials() []Trial {
	return []Trial{
		{
			Name: "bad-signature", Group: Forged, Title: "A signature of somebody else",
			Sends:   "A webhook that is signed with another secret.",
			Expects: "A 4xx, best 401.",
			steps:   []step{{what: "the forged webhook", expect: Refused, spoil: strangersSignature}},
			mistake: "Verify webhook-signature with a Standard Webhooks library before anything else. As it is, anybody can report outcomes.",
		},
		{
			Name: "no-signature", Group: Forged, Title: "No signature at all",
			Sends:   "A webhook without the header webhook-signature.",
			Expects: "A 4xx, best 401.",
			steps: []step{{what: "the unsigned webhook", expect: Refused, spoil: func(r *webhook.Request, _ time.Time) {
				r.Fault = &webhook.Fault{Header: func(h http.Header) { h.Del(standardwebhooks.HeaderWebhookSignature) }}
			}}},
			mistake: "Refuse a webhook that lacks one of the three webhook- headers. As it is, leaving the signature out gets round the check.",
		},
		{
			Name: "altered-body", Group: Forged, Title: "A body that was changed on the way",
			Sends:   "A webhook whose duration_seconds was changed after it was signed.",
			Expects: "A 4xx, best 401.",
			steps: []step{{what: "the altered webhook", expect: Refused, spoil: func(r *webhook.Request, _ time.Time) {
				r.Fault = &webhook.Fault{Signed: r.Body}
				r.Body = bytes.Replace(r.Body, []byte(`"duration_seconds":`), []byte(`"duration_seconds":9`), 1)
			}}},
			mistake: "Verify the signature over the raw bytes of the body that you then parse.",
		},
		{
			Name: "late", Group: Forged, Title: "A recording, played back late",
			Sends:   "A webhook whose timestamp and signature are a quarter of an hour old.",
			Expects: "A 4xx: beyond the five minutes that Standard Webhooks tolerates.",
			steps: []step{{what: "the old webhook", expect: Refused, spoil: func(r *webhook.Request, now time.Time) {
				r.Fault = &webhook.Fault{At: now.Add(-outside)}
			}}},
			mistake: "Compare webhook-timestamp with your clock, five minutes at most either way. The official libraries do; our retries carry a fresh timestamp.",
		},
		{
			Name: "early", Group: Forged, Title: "A timestamp of the future",
			Sends:   "A webhook that is signed for a quarter of an hour from now.",
			Expects: "A 4xx: beyond the five minutes that Standard Webhooks tolerates.",
			steps: []step{{what: "the webhook of the future", expect: Refused, spoil: func(r *webhook.Request, now time.Time) {
				r.Fault = &webhook.Fault{At: now.Add(outside)}
			}}},
			mistake: "Compare webhook-timestamp with your clock, five minutes at most either way. The official libraries do.",
		},
		{
			Name: "wrong-api-key", Group: Forged, Title: "The wrong X-api-key",
			Sends:   "A rightly signed webhook with another X-api-key.",
			Expects: "A 4xx, best 401.",
			needs:   func(to webhook.Request) bool { return to.APIKey != "" },
			steps: []step{{what: "the webhook with the wrong key", expect: Refused, spoil: func(r *webhook.Request, _ time.Time) {
				r.APIKey = "not-" + rand.Text()
			}}},
			mistake: "Compare X-api-key with the outbound key of Settings, in constant time.",
		},
		{
			Name: "forged-then-true", Group: Forged, Title: "A forgery, then the true one",
			Sends:   "A forged webhook twice, and then the true one with the same webhook-id.",
			Expects: "A 4xx for the forgery both times, and a 2xx for the true one, which is kept.",
			steps: []step{
				{what: "the forged webhook", expect: Refused, spoil: strangersSignature},
				{what: "the forged webhook again", expect: Refused, spoil: strangersSignature},
				{what: "the true webhook", expect: Taken},
			},
			mistake: "Verify the signature before you look at the webhook-id or note it. As it is, a forger who guesses an id makes you drop the true outcome.",
		},
	}
}

func hardTrials() []Trial {
	return []Trial{
		{
			Name: "rotation", Group: Hard, Title: "Several signatures, as while a secret is rotated",
			Sends:   "A webhook with three signatures: one of a scheme that you cannot know, one of another secret, and yours as the last.",
			Expects: "A 2xx: one signature that fits is enough.",
			steps: []step{{what: "the webhook with three signatures", expect: Taken, spoil: func(r *webhook.Request, _ time.Time) {
				r.Secrets = append([]string{strangersSecret()}, r.Secrets...)
				r.Fault = &webhook.Fault{Header: func(h http.Header) {
					h.Set(standardwebhooks.HeaderWebhookSignature, "v9,"+rand.Text()+" "+h.Get(standardwebhooks.HeaderWebhookSignature))
				}}
			}}},
			mistake: "Split webhook-signature at its spaces and try each entry that begins with v1. As it is, the next rotation of the secret stops your outcomes.",
		},
		{
			Name: "new-field", Group: Hard, Title: "A field that you do not know yet",
			Sends:   "A signed outcome with one more field, test_new_field.",
			Expects: "A 2xx: fields may be added within a schema_version.",
			steps: []step{{what: "the outcome with one more field", expect: Taken, spoil: func(r *webhook.Request, _ time.Time) {
				r.Body = append(bytes.TrimSuffix(bytes.Clone(r.Body), []byte("}")), `,"test_new_field":{"of":["a","later","version"]}}`...)
			}}},
			mistake: "Ignore fields that you do not know, instead of refusing the body.",
		},
		{
			Name: "slow-link", Group: Hard, Title: "A slow connection",
			Sends:   "A signed outcome that drips in at 600 bytes a second.",
			Expects: "A 2xx once all of it is there.",
			steps: []step{{what: "the slow webhook", expect: Taken, spoil: func(r *webhook.Request, _ time.Time) {
				r.Fault = &webhook.Fault{BytesPerSecond: slowLink}
			}}},
			mistake: "Read the body to its end, in as many pieces as it comes, and allow ten seconds for it.",
		},
	}
}

func strangersSignature(r *webhook.Request, _ time.Time) { r.Secrets = []string{strangersSecret()} }

func strangersSecret() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails: it crashes the program instead
	return "whsec_" + base64.StdEncoding.EncodeToString(raw[:])
}
