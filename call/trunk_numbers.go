package call

import "time"

// ShortCall is how long an answered call lasts at the most that carriers count as short.
const ShortCall = 12 * time.Second

// TrunkNumbers are those of some dials through a trunk, under the names of ITU-T E.425 and RFC 6076.
type TrunkNumbers struct {
	Seizures   int // dials that have an end
	Answered   int
	Effective  int // those in which the network did its part: all but what failed for the trunk's own sake
	Redirected int // 3xx

	Over    int // answered calls that are over, with
	Talk    time.Duration
	Short   int // how many of them were short
	Refused int // final replies other than 200, with
	Delay   time.Duration
}

// Add counts an attempt that has an end. Talk is nil while its call lives.
func (n *TrunkNumbers) Add(a Attempt, talk *time.Duration) {
	if a.State == DialNotSent || a.State == DialUnknown || a.State == DialNone {
		return // no seizure, or nobody knows
	}
	n.Seizures++
	if !a.TrunkFailed() {
		n.Effective++
	}
	switch {
	case a.State == DialAnswered:
		n.Answered++
		if talk != nil {
			n.Over++
			n.Talk += *talk
			if *talk <= ShortCall {
				n.Short++
			}
		}
	case a.State == DialRefused:
		n.Refused++
		n.Delay += max(0, a.EndedAt.Sub(a.StartedAt))
		if a.SIPCode >= 300 && a.SIPCode < 400 {
			n.Redirected++
		}
	}
}

// ASR is the answer-seizure ratio of E.425: how many dials were answered, 0 to 1. Nil without dials, like all that follow.
func (n TrunkNumbers) ASR() *float64 { return share(n.Answered, n.Seizures) }

// NER is the network effectiveness ratio of E.425: how many dials reached what they could reach, whatever the customer did.
func (n TrunkNumbers) NER() *float64 { return share(n.Effective, n.Seizures) }

// SER is the session establishment ratio of RFC 6076, section 4.6: the ASR without those that were redirected.
func (n TrunkNumbers) SER() *float64 { return share(n.Answered, n.Seizures-n.Redirected) }

// ShortShare is how many of the answered calls that are over were short.
func (n TrunkNumbers) ShortShare() *float64 { return share(n.Short, n.Over) }

// ACD is the average call duration of E.425, in seconds.
func (n TrunkNumbers) ACD() *float64 { return average(n.Talk, n.Over) }

// SRDFailed is the session request delay of failed attempts, RFC 6076, section 4.3.2: from the INVITE to the final reply, in seconds. That of
// successful ones ends with the 180, whose moment LiveKit does not tell.
func (n TrunkNumbers) SRDFailed() *float64 { return average(n.Delay, n.Refused) }

func share(n, of int) *float64 { return average(time.Duration(n)*time.Second, of) }

func average(sum time.Duration, n int) *float64 {
	if n <= 0 {
		return nil
	}
	v := sum.Seconds() / float64(n)
	return &v
}
