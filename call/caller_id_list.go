package call

import (
	"cmp"
	"slices"
)

// KnownCallerID is a number that customers may see, and what shows it.
type KnownCallerID struct {
	Number string
	Series []Series // as the routes say; empty for one that only trunks show. More than one is a mistake
	Trunks []Trunk  // whose default it is
	Routes []Route  // that choose it, in the order in which they are asked
}

// CallerIDs are the numbers that trunks and routes show, by number. A route that names one twice shows it once.
func CallerIDs(trunks []Trunk, routes []Route) []KnownCallerID {
	byNumber := map[string]*KnownCallerID{}
	known := func(number string) *KnownCallerID {
		if byNumber[number] == nil {
			byNumber[number] = &KnownCallerID{Number: number}
		}
		return byNumber[number]
	}
	for _, t := range trunks {
		if t.DefaultDID != "" {
			k := known(t.DefaultDID)
			k.Trunks = append(k.Trunks, t)
		}
	}
	for _, r := range routes {
		for _, d := range r.CallerID.DIDs {
			k := known(d.Number)
			if !slices.Contains(k.Series, d.Series) {
				k.Series = append(k.Series, d.Series)
			}
			if !slices.ContainsFunc(k.Routes, func(had Route) bool { return had.ID == r.ID }) {
				k.Routes = append(k.Routes, r)
			}
		}
	}
	all := make([]KnownCallerID, 0, len(byNumber))
	for _, k := range byNumber {
		all = append(all, *k)
	}
	slices.SortFunc(all, func(a, b KnownCallerID) int { return cmp.Compare(a.Number, b.Number) })
	return all
}
