package admin

import (
	"fmt"
	"net/http"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// maxSheetRows is how many calls a workbook holds: it is made in memory, unlike the CSV, which has no end.
	maxSheetRows = 50_000
	sheetsAtOnce = 2
	sheetName    = "Calls"
	sheetMedia   = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// ExportCallsSheet answers the calls that the list would page through as a workbook for people: a spreadsheet shows ids and numbers as
// they are, and times as times, which it does not with a CSV.
func (a *API) ExportCallsSheet(w http.ResponseWriter, r *http.Request, p oapi.ExportCallsSheetParams) {
	f, err := callQuery{
		since: p.Since, until: p.Until, callStatus: p.CallStatus, reason: p.Reason, trunkID: p.TrunkID, agentID: p.AgentID,
		caseID: p.CaseID, number: p.Number, status: p.Status, sipCode: p.SIPCode,
		at: report.HourOfWeek{Weekday: p.Weekday, Hour: p.Hour}, tz: p.Tz,
	}.filter(userOf(r.Context()))
	if err != nil {
		a.problem(w, r, err)
		return
	}
	zone, err := zoneOf(p.Tz)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	select {
	case a.sheets <- struct{}{}:
		defer func() { <-a.sheets }()
	default:
		a.problem(w, r, &problem.Error{Code: problem.RateLimited, Detail: "Others are exporting now. Wait, or take the CSV.", RetryAfter: 5 * time.Second})
		return
	}
	book, err := a.sheetOf(r, f, zone)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	defer func() { _ = book.Close() }() // only its temporary files
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * pageDeadline))
	w.Header().Set("Content-Type", sheetMedia)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="calls-%s.xlsx"`, time.Now().UTC().Format("20060102-150405")))
	if err := book.Write(w); err != nil {
		note(r.Context()).cause = err // the client went away
	}
}

func (a *API) sheetOf(r *http.Request, f store.CallFilter, zone *time.Location) (*excelize.File, error) {
	f.Limit = exportPage
	names, err := a.labels(r.Context())
	if err != nil {
		return nil, err
	}
	book, sheet, err := newSheet(zone)
	if err != nil {
		return nil, err
	}
	for row := 2; ; {
		page, err := a.Store.ListCalls(r.Context(), f)
		if err != nil {
			return nil, storeError(err)
		}
		for _, c := range page.Calls {
			if row-2 == maxSheetRows {
				return book, sheet.end(row, fmt.Sprintf("There are more than %d calls: choose a shorter time, or take the CSV.", maxSheetRows))
			}
			if err := sheet.set(row, names.sheetRow(c, sheet)); err != nil {
				return nil, err
			}
			row++
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			return book, sheet.writer.Flush()
		}
	}
}

// sheet is the one of a workbook, written from top to bottom.
type sheet struct {
	writer *excelize.StreamWriter
	zone   *time.Location
	time   int // the style of a moment
}

func newSheet(zone *time.Location) (*excelize.File, sheet, error) {
	book := excelize.NewFile()
	if err := book.SetSheetName("Sheet1", sheetName); err != nil {
		return nil, sheet{}, err
	}
	format := "yyyy-mm-dd hh:mm:ss"
	moment, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return nil, sheet{}, err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, sheet{}, err
	}
	writer, err := book.NewStreamWriter(sheetName)
	if err != nil {
		return nil, sheet{}, err
	}
	s := sheet{writer, zone, moment}
	if err := writer.SetColWidth(1, len(callColumns), 20); err != nil {
		return nil, s, err
	}
	if err := writer.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, s, err
	}
	header := make([]any, len(callColumns))
	for i, name := range callColumns {
		if i >= 1 && i <= 4 { // the four moments
			name += " (" + zone.String() + ")"
		}
		header[i] = excelize.Cell{StyleID: bold, Value: name}
	}
	return book, s, s.set(1, header)
}

func (s sheet) set(row int, cells []any) error {
	at, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	return s.writer.SetRow(at, cells)
}

// end writes a last line.
func (s sheet) end(row int, text string) error {
	if err := s.set(row, []any{text}); err != nil {
		return err
	}
	return s.writer.Flush()
}

// moment is a cell that shows the zone's clock; spreadsheets know no zones.
func (s sheet) moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	l := t.In(s.zone)
	return excelize.Cell{StyleID: s.time, Value: time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)}
}

// sheetRow has texts as texts, so that nothing is run as a formula or loses its zeros.
func (l labels) sheetRow(c call.Call, s sheet) []any {
	row := []any{
		string(c.ID), s.moment(&c.CreatedAt), s.moment(c.ConnectedAt), s.moment(c.AnsweredAt), s.moment(c.EndedAt), c.CaseID,
		c.CustomerCRMID, c.AgentID, call.Mask(c.CustomerNumber), c.DID, l[c.TrunkID], string(c.Status),
	}
	o := c.Outcome
	if o == nil {
		return row
	}
	var code any
	if o.SIPCode != nil {
		code = *o.SIPCode
	}
	return append(row, string(o.CallStatus), string(o.Reason), code, o.DurationSeconds, o.RingSeconds, string(o.HangupBy))
}
