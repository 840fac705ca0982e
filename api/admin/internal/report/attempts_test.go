package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/store"
)

func TestEndpointReport(t *testing.T) {
	t.Parallel()
	r := report.NewEndpointReport([]store.AttemptSum{
		{Slot: 0, Status: 200, TookMS: 20, N: 94}, {Slot: 0, Status: 503, Class: "status", TookMS: 900, N: 2}, {Slot: 2, Class: "timeout", TookMS: 15_000, N: 4},
	}, 3)
	require.Equal(t, []int{100, 94, 20, 900}, []int{r.All.Made, r.All.Succeeded, *r.All.Took(50), *r.All.Took(95)})
	require.Equal(t, []int{96, 94, 20}, []int{r.Slots[0].Made, r.Slots[0].Succeeded, *r.Slots[0].Took(95)})
	require.Equal(t, report.Attempts{}, r.Slots[1])
	require.Nil(t, r.Slots[1].Took(95))
	require.Equal(t, 15_000, *r.Slots[2].Took(95))
	require.Equal(t, map[store.DeliveryAnswer]int{"503": 2, "timeout": 4}, r.Failures)
}

func TestEndpointSlots(t *testing.T) {
	t.Parallel()
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	at := time.Date(2026, 11, 28, 10, 17, 5, 9, time.UTC) // 15:47 in Kolkata
	since, step, slots := report.EndpointSlots(at, 24, kolkata)
	require.Equal(t, []any{"2026-11-27 16:00", time.Hour, 24}, []any{since.In(kolkata).Format("2006-01-02 15:04"), step, slots})
	since, step, slots = report.EndpointSlots(at, 168, time.UTC)
	require.Equal(t, []any{"2026-11-21 11:00", 6 * time.Hour, 28}, []any{since.UTC().Format("2006-01-02 15:04"), step, slots})
	end := since.Add(time.Duration(slots) * step)
	require.True(t, at.Before(end) && at.After(end.Add(-time.Hour)), "the last slot holds the present moment")
}
