package store

import (
	"cmp"
	"time"

	"github.com/click2call/click2call/call"
)

// settingsDocument is how the settings are kept, without secrets: flat, with names and durations that people can read,
// because the history shows them.
type settingsDocument struct {
	LiveKitURL        string         `json:"livekit_url"`
	LiveKitAPIKey     string         `json:"livekit_api_key"`
	ConnectTimeout    duration       `json:"connect_timeout"`
	RingTimeout       duration       `json:"ring_timeout"`
	MaxCallDuration   duration       `json:"max_call_duration"`
	AgentRejoinGrace  duration       `json:"agent_rejoin_grace"`
	MediaTimeout      duration       `json:"media_timeout"` // 0 in settings from before it
	PollInterval      duration       `json:"poll_interval"`
	ReconcileInterval duration       `json:"reconcile_interval"`
	AnswerDetection   call.Detection `json:"answer_detection"`
	RequireAgent      bool           `json:"require_agent"`
	AllowedOrigins    []string       `json:"allowed_origins"`
	DeliverySchedule  []duration     `json:"delivery_schedule"`
	WebhookHTTPSOnly  bool           `json:"webhook_https_only"`
	MaxCalls          int            `json:"max_concurrent_calls"`
	MaxCallsPerSecond int            `json:"max_calls_per_second"`
	OneCallPerAgent   bool           `json:"one_call_per_agent"`
	RefuseWhenBusy    bool           `json:"refuse_when_busy"`
	QueueWait         duration       `json:"queue_wait"`
	BreakerDials      int            `json:"breaker_dials"`
	BreakerShare      int            `json:"breaker_share"`
	BreakerMinimum    int            `json:"breaker_minimum"`
}

// duration is a time.Duration written as "2m0s".
type duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

func documentOf(s Settings) settingsDocument {
	k := s.Knobs
	d := settingsDocument{
		LiveKitURL: s.LiveKit.URL, LiveKitAPIKey: s.LiveKit.APIKey,
		ConnectTimeout: duration(k.ConnectTimeout), RingTimeout: duration(k.RingTimeout),
		MaxCallDuration: duration(k.MaxCallDuration), AgentRejoinGrace: duration(k.AgentRejoinGrace), MediaTimeout: duration(k.MediaTimeout),
		PollInterval: duration(k.PollInterval), ReconcileInterval: duration(k.ReconcileInterval),
		AnswerDetection: k.AnswerDetection, RequireAgent: k.RequireAgent,
		AllowedOrigins: s.AllowedOrigins, WebhookHTTPSOnly: s.WebhookHTTPSOnly,
		MaxCalls: s.Limits.Concurrent, MaxCallsPerSecond: s.Limits.PerSecond,
		OneCallPerAgent: s.Admission.OneCallPerAgent, RefuseWhenBusy: s.Admission.RefuseWhenBusy, QueueWait: duration(s.Admission.QueueWait),
		BreakerDials: s.Breaker.Dials, BreakerShare: s.Breaker.Share, BreakerMinimum: s.Breaker.Minimum,
	}
	for _, wait := range s.DeliverySchedule {
		d.DeliverySchedule = append(d.DeliverySchedule, duration(wait))
	}
	return d
}

func (d settingsDocument) settings() Settings {
	s := Settings{
		LiveKit: LiveKitSettings{URL: d.LiveKitURL, APIKey: d.LiveKitAPIKey},
		Knobs: call.Knobs{
			ConnectTimeout: time.Duration(d.ConnectTimeout), RingTimeout: time.Duration(d.RingTimeout),
			MaxCallDuration: time.Duration(d.MaxCallDuration), AgentRejoinGrace: time.Duration(d.AgentRejoinGrace),
			MediaTimeout: cmp.Or(time.Duration(d.MediaTimeout), call.DefaultKnobs().MediaTimeout),
			PollInterval: time.Duration(d.PollInterval), ReconcileInterval: time.Duration(d.ReconcileInterval),
			AnswerDetection: d.AnswerDetection, RequireAgent: d.RequireAgent,
		},
		AllowedOrigins: d.AllowedOrigins, WebhookHTTPSOnly: d.WebhookHTTPSOnly,
		Limits:    call.Limits{Concurrent: d.MaxCalls, PerSecond: d.MaxCallsPerSecond},
		Admission: call.Admission{OneCallPerAgent: d.OneCallPerAgent, RefuseWhenBusy: d.RefuseWhenBusy, QueueWait: time.Duration(d.QueueWait)},
		Breaker:   call.BreakerRule{Dials: d.BreakerDials, Share: d.BreakerShare, Minimum: d.BreakerMinimum},
	}
	for _, wait := range d.DeliverySchedule {
		s.DeliverySchedule = append(s.DeliverySchedule, time.Duration(wait))
	}
	return s
}
