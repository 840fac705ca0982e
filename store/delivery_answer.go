package store

import (
	"regexp"
	"strconv"

	"github.com/click2call/click2call/call"
)

// DeliveryAnswer says how an attempt failed: an HTTP status such as "503", a class of them such as "5xx", or what came instead of an
// answer, a webhook.Class such as "timeout". Empty is any, or none.
type DeliveryAnswer string

var (
	statusAnswer = regexp.MustCompile(`^[1-5]\d\d$`)
	classAnswer  = regexp.MustCompile(`^[345]xx$`)
	eventID      = regexp.MustCompile(`^evt_[a-z2-7]{26}$`)
)

// AnswerOf names how an attempt with a status and a class of error failed. Empty when it did not.
func AnswerOf(status int, class string) DeliveryAnswer {
	if status != 0 && (class == "status" || class == "redirect") {
		return DeliveryAnswer(strconv.Itoa(status))
	}
	return DeliveryAnswer(class)
}

// where is the condition that the latest attempt of a delivery d failed in this way.
func (a DeliveryAnswer) where() (string, []any) {
	switch text := string(a); {
	case classAnswer.MatchString(text):
		from := int(text[0]-'0') * 100
		return "d.last_class IN ('status', 'redirect') AND d.last_status BETWEEN ? AND ?", []any{from, from + 99}
	case statusAnswer.MatchString(text):
		status, _ := strconv.Atoi(text) // it has three digits
		return "d.last_class IN ('status', 'redirect') AND d.last_status = ?", []any{status}
	default:
		return "d.last_class = ?", []any{clip(text, maxLabel)}
	}
}

// mostOfCase is how many calls of one case are looked at for their deliveries.
const mostOfCase = 200

// searchFor is the condition that a delivery d is the one of a call id or an event id, or belongs to a case.
func searchFor(text string) (string, []any) {
	if id, ok := call.ParseID(text); ok {
		return "d.call_id = ?", []any{id}
	}
	if eventID.MatchString(text) {
		return "d.event_id = ?", []any{text}
	}
	return `d.call_id IN (SELECT call_id FROM calls WHERE case_id = ? AND accepted_at IS NOT NULL ORDER BY created_at DESC LIMIT ?)`,
		[]any{clip(text, maxLabel), mostOfCase}
}
