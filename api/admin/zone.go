package admin

import (
	"regexp"
	"time"

	"github.com/click2call/click2call/api/problem"
)

var (
	// offsetZone is a zone that a browser has from its machine as hours alone.
	offsetZone = regexp.MustCompile(`^[+-](0\d|1[0-4]):?[0-5]\d$`)
	// placeZone has the form of IANA's names of places.
	placeZone = regexp.MustCompile(`^[A-Z][A-Za-z_]{1,31}(/[A-Za-z0-9_+-]{1,32}){1,2}$`)
)

// zoneOf is the zone that a browser reports. Its list and ours are of different years: one that looks like a zone and is in no list of
// ours is UTC, so that the console works, and says so where it tells days.
func zoneOf(name *string) (*time.Location, error) {
	text := value(name)
	zone, err := time.LoadLocation(text)
	switch {
	case text == "Local": // the server's zone is nobody's business
	case err == nil:
		return zone, nil
	case offsetZone.MatchString(text):
		at, err := time.Parse("-0700", text[:3]+text[len(text)-2:])
		if err == nil {
			_, seconds := at.Zone()
			return time.FixedZone(text, seconds), nil
		}
	case placeZone.MatchString(text):
		return time.UTC, nil
	}
	return nil, problem.Invalid(problem.Field{Field: "tz", Message: "must be an IANA time zone such as Asia/Kolkata"})
}
