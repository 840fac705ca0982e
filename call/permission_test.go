package call_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

func TestPermission(t *testing.T) {
	t.Parallel()
	evening := open(t, "Asia/Kolkata", "09:00", "21:00", allDays)
	rules := call.PermissionRules{Version: 7, DefaultPurpose: call.PurposeService, Hours: &evening,
		Lists:     []call.Purpose{call.PurposePromotional},
		Frequency: call.Frequency{PerDay: 3, PerWeek: 7, Purposes: []call.Purpose{call.PurposeTransactional}}}
	require.NoError(t, rules.Validate())
	noon, night := wallClock("Asia/Kolkata", "2026-11-28 12:00:00"), wallClock("Asia/Kolkata", "2026-11-28 22:00:00")
	for _, c := range []struct {
		name     string
		question call.PermissionQuestion
		refusal  call.Refusal
	}{
		{"nothing forbids it", call.PermissionQuestion{At: noon, Purpose: call.PurposePromotional}, ""},
		{"hours", call.PermissionQuestion{At: night, Purpose: call.PurposePromotional}, call.RefusedByHours},
		{"hours of another purpose", call.PermissionQuestion{At: night, Purpose: call.PurposeService}, ""},
		{"a list", call.PermissionQuestion{At: noon, Purpose: call.PurposePromotional, List: "own"}, call.RefusedByList},
		{"a list outranks the hours, which pass", call.PermissionQuestion{At: night, Purpose: call.PurposePromotional, List: "own"}, call.RefusedByList},
		{"a list that does not hold for the purpose", call.PermissionQuestion{At: noon, Purpose: call.PurposeService, List: "own"}, ""},
		{"below the limit of a day", call.PermissionQuestion{At: noon, Purpose: call.PurposeTransactional, Day: 2, Week: 6}, ""},
		{"the limit of a day", call.PermissionQuestion{At: noon, Purpose: call.PurposeTransactional, Day: 3, Week: 3}, call.RefusedByFrequency},
		{"the limit of a week", call.PermissionQuestion{At: noon, Purpose: call.PurposeTransactional, Day: 0, Week: 7}, call.RefusedByFrequency},
		{"no limit for the purpose", call.PermissionQuestion{At: noon, Purpose: call.PurposeService, Day: 99, Week: 99}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answer := rules.Ask(c.question)
			require.Equal(t, c.refusal, answer.Refusal, answer.Why)
			require.Equal(t, c.refusal == "", answer.Allowed())
			require.Equal(t, int64(7), answer.Rules)
			require.Equal(t, c.refusal == call.RefusedByHours, answer.OpensAt != nil)
			require.NotEmpty(t, answer.Why)
		})
	}
}

func TestEverythingIsAllowedUntilARuleIsSet(t *testing.T) {
	t.Parallel()
	rules := call.DefaultPermissionRules()
	require.NoError(t, rules.Validate())
	for _, p := range call.Purposes() {
		require.True(t, rules.Ask(call.PermissionQuestion{At: time.Now(), Purpose: p, List: "own", Day: 9999, Week: 9999}).Allowed())
	}
}

func TestPermissionRulesThatAreWrong(t *testing.T) {
	t.Parallel()
	nine, ten := call.TimeOfDay(9*60), call.TimeOfDay(10*60)
	hour := call.OpenHours{Purpose: call.PurposePromotional, Days: workdays, From: nine, To: ten}
	for want, change := range map[string]func(*call.PermissionRules){
		"default_purpose": func(r *call.PermissionRules) { r.DefaultPurpose = "sales" },
		"zone":            func(r *call.PermissionRules) { r.Hours = &call.CallingHours{Zone: "India"} },
		"overlap": func(r *call.PermissionRules) {
			r.Hours = &call.CallingHours{Zone: "UTC", Open: []call.OpenHours{hour, hour}}
		},
		"over midnight": func(r *call.PermissionRules) {
			r.Hours = &call.CallingHours{Zone: "UTC", Open: []call.OpenHours{{Purpose: call.PurposePromotional, Days: workdays, From: ten, To: nine}}}
		},
		"days": func(r *call.PermissionRules) {
			r.Hours = &call.CallingHours{Zone: "UTC", Open: []call.OpenHours{{Purpose: call.PurposePromotional, From: nine, To: ten}}}
		},
		"holiday": func(r *call.PermissionRules) {
			r.Hours = &call.CallingHours{Zone: "UTC", Holidays: []call.Holiday{{Date: "26.1.2026"}}}
		},
		"closed_on_holidays": func(r *call.PermissionRules) {
			r.Hours = &call.CallingHours{Zone: "UTC", Closed: []call.Purpose{"sales"}}
		},
		"do_not_call": func(r *call.PermissionRules) { r.Lists = []call.Purpose{"sales"} },
		"per_day":     func(r *call.PermissionRules) { r.Frequency.PerDay = -1 },
		"per_week":    func(r *call.PermissionRules) { r.Frequency = call.Frequency{PerDay: 5, PerWeek: 3} },
	} {
		rules := call.DefaultPermissionRules()
		change(&rules)
		require.ErrorContains(t, rules.Validate(), want)
	}
}
