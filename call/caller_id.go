package call

import (
	"errors"
	"fmt"
	"time"
)

// CallerIDMode is how a route chooses among its caller IDs.
type CallerIDMode string

// The modes.
const (
	CallerIDFixed      CallerIDMode = "fixed"       // always the first
	CallerIDRoundRobin CallerIDMode = "round_robin" // each as often as the others
	CallerIDSticky     CallerIDMode = "sticky"      // the same for the same customer, for some days
)

// Series is the numbering series that a caller ID belongs to: in India 1600 is for service and transactional calls of banks and
// insurers, and 140 for promotion.
type Series string

// The series.
const (
	SeriesStandard Series = "standard"
	Series1600     Series = "1600"
	Series140      Series = "140"
)

// RouteDID is a caller ID of a route.
type RouteDID struct {
	Number string `json:"number"` // E.164
	Series Series `json:"series"`
}

// CallerID says which number the customer sees. Without numbers it is the trunk's default. A caller ID that the CRM sends outranks it.
type CallerID struct {
	Mode CallerIDMode `json:"mode"`
	DIDs []RouteDID   `json:"dids"`
	Days int          `json:"days"` // with sticky: 1 to 365
}

func (c CallerID) validate() error {
	var errs []error
	switch c.Mode {
	case "", CallerIDFixed, CallerIDRoundRobin:
	case CallerIDSticky:
		if c.Days < 1 || c.Days > 365 {
			errs = append(errs, errors.New("days of a sticky caller ID must be 1 to 365"))
		}
	default:
		errs = append(errs, fmt.Errorf("mode %q must be one of fixed, round_robin, sticky", c.Mode))
	}
	if len(c.DIDs) > maxRouteDIDs {
		errs = append(errs, fmt.Errorf("dids may be at most %d", maxRouteDIDs))
	}
	for _, d := range c.DIDs {
		if normal, err := NormalizeDID(d.Number); err != nil || normal != d.Number {
			errs = append(errs, fmt.Errorf("dids: %q %w", d.Number, ErrDID))
		}
		if d.Series != SeriesStandard && d.Series != Series1600 && d.Series != Series140 {
			errs = append(errs, fmt.Errorf("dids: the series of %s must be one of standard, 1600, 140", d.Number))
		}
	}
	return errors.Join(errs...)
}

// choose picks a number. The sticky one goes by the customer's number and by which span of days it is, so that every process picks the
// same without a memory; the spans of different customers begin at different times. Empty: the trunk's default.
func (c CallerID) choose(q RouteQuestion) string {
	dids := c.allowed(q.Purpose)
	if len(dids) == 0 {
		return ""
	}
	n := uint64(len(dids))
	switch c.Mode {
	case CallerIDRoundRobin:
		return dids[q.Turn%n].Number
	case CallerIDSticky:
		customer := seedOf(q.Number)
		span := uint64(c.Days) * uint64(24*time.Hour/time.Second)                 //nolint:gosec // 1 to 365
		return dids[(customer+(uint64(q.At.Unix())+customer%span)/span)%n].Number //nolint:gosec // after 1970
	default:
		return dids[0].Number
	}
}

// allowed are the numbers whose series may be shown for a purpose: 140 is for promotion only, and promotion may not use 1600.
func (c CallerID) allowed(p Purpose) (dids []RouteDID) {
	for _, d := range c.DIDs {
		if d.Series == Series140 && p != PurposePromotional || d.Series == Series1600 && p == PurposePromotional {
			continue
		}
		dids = append(dids, d)
	}
	return dids
}
