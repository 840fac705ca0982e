package trial

import (
	"net/http"
	"slices"

	"github.com/click2call/click2call/webhook"
)

// advise says what to change in a receiver that did otherwise than expected at e. What goes wrong at the only thing that
// is special about a trial is the trial's to explain.
func (res Result) advise(e Exchange) string {
	special := res.Trial.Group == Hard || slices.ContainsFunc(res.Exchanges, func(other Exchange) bool { return other.OK })
	general := adviceForFailure(e.Class)
	switch {
	case general != "":
	case e.Class == "", special: // a 2xx for what must be refused, for one
		return res.Trial.mistake
	default:
		general = adviceForStatus(e)
	}
	if general == "" {
		return res.Trial.mistake
	}
	return general
}

// adviceForFailure is about attempts that got no answer, or no answer that counts.
func adviceForFailure(c webhook.Class) string {
	switch c {
	case webhook.ClassConfiguration, webhook.ClassRefused:
		return "Nothing was sent. Correct the endpoint in Settings, or the network ranges that an operator allows."
	case webhook.ClassDNS:
		return "The host name of the webhook URL cannot be found. Correct it, or its DNS record."
	case webhook.ClassConnect:
		return "Nobody takes connections at the webhook URL. Start the receiver, and open its port in the firewall."
	case webhook.ClassTLS:
		return "The receiver's certificate does not hold: renew it, send the whole chain, and name the host of the webhook URL in it."
	case webhook.ClassTimeout:
		return "The whole answer must be there within 15 seconds. Keep the event, answer, and do the work later."
	case webhook.ClassClosed:
		return "The receiver broke off before its answer was whole. Look into its log: it may have crashed at this request."
	case webhook.ClassRedirect:
		return "Redirects are never followed: set the final URL in Settings."
	default:
		return ""
	}
}

func adviceForStatus(e Exchange) string {
	switch {
	case e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed:
		return "The receiver has no handler for POST at this path. Correct the webhook URL, or the route."
	case e.Status == http.StatusGone:
		return "410 says that the receiver is gone for good, and stops all deliveries to it. Answer it only if you mean that."
	case e.Status >= 500 && e.Expected == Refused:
		return "A 5xx says that the receiver broke, and is tried again for days. Answer 401 to what is not rightly signed."
	case e.Status >= 500:
		return "The receiver broke at this request. Look into its log."
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return "The receiver refused what is rightly signed. Give it this endpoint's secret and key, verify the raw bytes of the body before they are parsed, and check its clock."
	default:
		return ""
	}
}
