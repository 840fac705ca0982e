package admin

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/call"
)

const (
	exportPage = 200
	// pageDeadline is how long the client may take to read one page of a stream.
	pageDeadline = 30 * time.Second
)

var callColumns = []string{
	"call_id", "created_at", "connected_at", "answered_at", "ended_at", "case_id", "customer_crm_id", "agent_id", "masked_number", "did", "trunk",
	"status", "call_status", "disconnect_reason", "sip_disconnect_code", "duration_seconds", "ring_seconds", "hangup_by",
}

// ExportCalls streams the calls that the list would page through.
func (a *API) ExportCalls(w http.ResponseWriter, r *http.Request, p oapi.ExportCallsParams) {
	f, err := callQuery{
		since: p.Since, until: p.Until, callStatus: p.CallStatus, reason: p.Reason, trunkID: p.TrunkID, agentID: p.AgentID,
		caseID: p.CaseID, number: p.Number, status: p.Status, sipCode: p.SIPCode,
		at: report.HourOfWeek{Weekday: p.Weekday, Hour: p.Hour}, tz: p.Tz,
	}.filter(userOf(r.Context()))
	if err != nil {
		a.problem(w, r, err)
		return
	}
	f.Limit = exportPage
	names, err := a.labels(r.Context())
	if err != nil {
		a.problem(w, r, err)
		return
	}
	page, err := a.Store.ListCalls(r.Context(), f)
	if err != nil {
		a.problem(w, r, storeError(err))
		return
	}
	out := startCSV(w, "calls", callColumns)
	for {
		for _, c := range page.Calls {
			out.row(names.csvRow(c))
		}
		if f.Cursor = page.Next; !out.flush() || f.Cursor == "" {
			return
		}
		if page, err = a.Store.ListCalls(r.Context(), f); err != nil {
			out.row([]string{"error", "the export broke off: start it again"})
			out.flush()
			note(r.Context()).cause = err
			return
		}
	}
}

func (l labels) csvRow(c call.Call) []string {
	row := []string{
		string(c.ID), moment(&c.CreatedAt), moment(c.ConnectedAt), moment(c.AnsweredAt), moment(c.EndedAt), safeCell(c.CaseID),
		safeCell(c.CustomerCRMID), safeCell(c.AgentID), call.Mask(c.CustomerNumber), c.DID, safeCell(l[c.TrunkID]), string(c.Status),
	}
	o := c.Outcome
	if o == nil {
		return append(row, "", "", "", "", "", "")
	}
	code := ""
	if o.SIPCode != nil {
		code = strconv.Itoa(*o.SIPCode)
	}
	return append(row, string(o.CallStatus), string(o.Reason), code, strconv.Itoa(o.DurationSeconds), strconv.Itoa(o.RingSeconds), string(o.HangupBy))
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// safeCell keeps a spreadsheet from running a text that came from outside as a formula (OWASP, CSV injection).
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// csvStream writes rows to a client that may read slowly.
type csvStream struct {
	writer     *csv.Writer
	controller *http.ResponseController
}

func startCSV(w http.ResponseWriter, name string, header []string) *csvStream {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, time.Now().UTC().Format("20060102-150405")))
	s := &csvStream{writer: csv.NewWriter(w), controller: http.NewResponseController(w)}
	s.writer.UseCRLF = true // RFC 4180
	s.extend()
	s.row(header)
	return s
}

// row writes a row. Its error comes back from flush.
func (s *csvStream) row(cells []string) { _ = s.writer.Write(cells) }

// flush reports whether the client still reads.
func (s *csvStream) flush() bool {
	s.extend()
	s.writer.Flush()
	return s.writer.Error() == nil && s.controller.Flush() == nil
}

// extend gives the client time for what comes next; the server's own limit is meant for short answers. A writer without
// deadlines needs none.
func (s *csvStream) extend() { _ = s.controller.SetWriteDeadline(time.Now().Add(pageDeadline)) }
