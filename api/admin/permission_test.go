package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// rulesInput are rules that the present ones may be replaced by.
func (b *bench) rulesInput() map[string]any {
	b.t.Helper()
	rules, err := b.store.PermissionRules(b.t.Context())
	require.NoError(b.t, err)
	return map[string]any{
		"version": rules.Version, "default_purpose": "service", "do_not_call": []string{"promotional"},
		"frequency": map[string]any{"per_day": 3, "per_week": 7, "purposes": []string{"promotional"}},
		"calling_hours": map[string]any{"zone": "Asia/Kolkata", "holidays": []any{}, "closed_on_holidays": []any{},
			"open": []any{map[string]any{"purpose": "promotional", "days": []int{1, 2, 3}, "from": "09:00", "to": "21:00"}}},
	}
}

func TestPermissionRules(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	require.EqualValues(t, 0, w.get("/permission").is(http.StatusOK).at("version"))
	in := b.rulesInput()
	got := w.do(http.MethodPut, "/permission", in).is(http.StatusOK)
	require.EqualValues(t, 1, got.at("version"))
	require.Equal(t, "21:00", w.get("/permission").is(http.StatusOK).at("calling_hours.open.0.to"))
	w.do(http.MethodPut, "/permission", in).isProblem(http.StatusConflict, "conflict")

	in = b.rulesInput()
	in["calling_hours"].(map[string]any)["zone"] = "India"
	in["frequency"] = map[string]any{"per_day": 5, "per_week": 3, "purposes": []string{}}
	w.do(http.MethodPut, "/permission", in).isProblem(http.StatusBadRequest, "invalid_request").names("zone", "frequency")
	require.EqualValues(t, 1, w.get("/permission").is(http.StatusOK).at("version"))

	monday := map[string]any{"customer_number": "+91 95302 51797", "purpose": "promotional", "at": "2026-11-30T03:29:59Z"}
	got = w.post("/permission/check", monday).is(http.StatusOK)
	require.Equal(t, false, got.at("allowed"))
	require.Equal(t, "outside_calling_hours", got.at("refusal"))
	require.Equal(t, "2026-11-30T03:30:00Z", got.at("opens_at"))
	monday["at"] = "2026-11-30T03:30:00Z"
	require.Equal(t, true, w.post("/permission/check", monday).is(http.StatusOK).at("allowed"))
	w.post("/permission/check", map[string]any{"customer_number": "12"}).isProblem(http.StatusBadRequest, "invalid_request").names("customer_number")
}

func TestDoNotCallImport(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	list := w.post("/do-not-call", map[string]any{"name": "Registry"}).is(http.StatusCreated).str("list_id")
	w.post("/do-not-call", map[string]any{"name": "Registry"}).isProblem(http.StatusConflict, "conflict")
	var file strings.Builder
	file.WriteString("\ufeffnumber,reason,expires_at\r\n")
	for i := range 2500 {
		fmt.Fprintf(&file, "+91 95302 %05d,asked,\r\n", i)
	}
	file.WriteString("9530299999,,2020-01-01\n12345,,\nabc\n9530299998,,soon\n\"unclosed\n")
	got := w.post("/do-not-call/"+list+"/imports", csvFile(file.String())).is(http.StatusOK)
	require.Equal(t, "done", got.at("state"))
	require.EqualValues(t, 2501, got.at("taken"))
	require.EqualValues(t, 4, got.at("refused"), got.at("faults"))
	require.NotContains(t, fmt.Sprint(got.at("faults")), "12345", "faults name lines, not numbers")
	view := w.get("/do-not-call").is(http.StatusOK)
	require.EqualValues(t, 2501, view.at("lists.0.numbers"))
	require.EqualValues(t, 2501, view.at("imports.0.taken"))

	in := b.rulesInput()
	delete(in, "calling_hours")
	w.do(http.MethodPut, "/permission", in).is(http.StatusOK)
	ask := func(number string) any {
		return w.post("/permission/check", map[string]any{"customer_number": number, "purpose": "promotional"}).is(http.StatusOK).at("allowed")
	}
	require.Equal(t, false, ask("9530200042"))
	require.Equal(t, true, ask("9530299999"), "its entry has expired")
	found := w.post("/do-not-call/lookup", map[string]any{"customer_number": "+91 95302 00042"}).is(http.StatusOK)
	require.Equal(t, []any{list, "Registry", "asked"}, []any{found.at("entries.0.list_id"), found.at("entries.0.list"), found.at("entries.0.reason")})
	require.Equal(t, 0, w.post("/do-not-call/lookup", map[string]any{"customer_number": "9530299999"}).is(http.StatusOK).count("entries"))
	w.post("/do-not-call/lookup", map[string]any{"customer_number": "12"}).isProblem(http.StatusBadRequest, "invalid_request").names("customer_number")
	require.EqualValues(t, 1, w.post("/do-not-call/"+list+"/removals", map[string]any{"numbers": []string{"9530200042"}}).is(http.StatusOK).at("removed"))
	require.Equal(t, true, ask("9530200042"))
	w.post("/do-not-call/"+list+"/numbers", map[string]any{"numbers": []string{"9530200042", "7"}}).isProblem(http.StatusBadRequest, "invalid_request").names("numbers.1")
	require.Equal(t, true, ask("9530200042"), "one wrong number, and nothing is taken")

	gone := w.do(http.MethodDelete, "/do-not-call/"+list, nil).is(http.StatusOK)
	require.EqualValues(t, 2500, gone.at("deleted"))
	require.Equal(t, false, gone.at("left"))
	w.post("/do-not-call/"+list+"/imports", csvFile("9530251797\n")).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodPost, "/do-not-call/"+list+"/imports", map[string]any{}).isProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
}
