package admin

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	importPage   = 1000     // lines in one statement
	maxImport    = 10 << 20 // lines: a bit more than ten million
	maxFaults    = 20       // lines that are told of
	importReadIn = 30 * time.Second
	byteOrder    = "\ufeff"
)

// ImportDoNotCall puts the numbers of a CSV file on a list, page by page as the file comes.
func (a *API) ImportDoNotCall(w http.ResponseWriter, r *http.Request, listID oapi.ListID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DoNotCallImport, error) {
		if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "text/csv" {
			return oapi.DoNotCallImport{}, problem.RefuseWith(problem.UnsupportedMedia, "Send the file with Content-Type: text/csv.")
		}
		i, err := a.Store.BeginImport(r.Context(), listID, userOf(r.Context()).Name)
		if errors.Is(err, store.ErrConflict) {
			return oapi.DoNotCallImport{}, problem.RefuseWith(problem.NotFound, "There is no such list; it may have been deleted. Reload the page.")
		}
		if err != nil {
			return oapi.DoNotCallImport{}, storeError(err)
		}
		importing := &importer{Import: i, connection: http.NewResponseController(w)}
		err = importing.run(r.Context(), a.Store, r.Body)
		importing.State = store.ImportDone
		if err != nil {
			importing.State = store.ImportFailed
			importing.fault("It broke off after %d lines. Import the same file again.", importing.Taken+importing.Refused)
		}
		// The end is written down when the client has hung up as well.
		lasting, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), auditTimeout)
		defer cancel()
		kept := a.Store.KeepImport(lasting, importing.Import)
		audited := a.audit(r, "do_not_call_imported", listID, fmt.Sprintf("%s: %d numbers, %d lines refused", importing.State, importing.Taken, importing.Refused))
		return importView(importing.Import), errors.Join(err, storeError(kept), audited)
	})
}

// importer is an import under way.
type importer struct {
	store.Import
	connection *http.ResponseController
	page       []store.DoNotCallEntry
}

// entries is the part of the store that an import needs.
type entries interface {
	AddDoNotCall(ctx context.Context, listID string, entries []store.DoNotCallEntry) error
	KeepImport(ctx context.Context, i store.Import) error
}

func (i *importer) run(ctx context.Context, s entries, file io.Reader) error {
	lines := csv.NewReader(file)
	lines.FieldsPerRecord, lines.LazyQuotes, lines.ReuseRecord, lines.TrimLeadingSpace = -1, true, true, true
	for n := 1; ; n++ {
		if n%importPage == 1 {
			// A server without deadlines may refuse to have one; then its own hold.
			_ = i.connection.SetReadDeadline(time.Now().Add(importReadIn))
			_ = i.connection.SetWriteDeadline(time.Now().Add(2 * importReadIn))
		}
		record, err := lines.Read()
		_, malformed := errors.AsType[*csv.ParseError](err)
		switch {
		case errors.Is(err, io.EOF):
			return i.flush(ctx, s)
		case malformed:
			i.refuse(n, "is not a line of CSV")
		case err != nil:
			return &problem.Error{Code: problem.InvalidBody, Detail: "The file broke off. Import it again: what was taken is not taken twice.", Cause: err}
		case n > maxImport:
			return problem.RefuseWith(problem.BodyTooLarge, "The file has more than ten million lines. Split it.")
		default:
			i.take(n, record)
		}
		if len(i.page) == importPage {
			if err := i.flush(ctx, s); err != nil {
				return err
			}
		}
	}
}

// take reads one line: number, reason, expiry. The first may be a head.
func (i *importer) take(n int, record []string) {
	number, err := call.ParseCustomerNumber(strings.TrimPrefix(record[0], byteOrder))
	if err != nil {
		if n > 1 || strings.ContainsAny(record[0], "0123456789") {
			i.refuse(n, "holds no ten-digit number")
		}
		return
	}
	e := store.DoNotCallEntry{Number: number}
	if len(record) > 1 {
		e.Reason = strings.ToValidUTF8(strings.TrimSpace(record[1]), "")
	}
	if len(record) > 2 && strings.TrimSpace(record[2]) != "" {
		expires, err := parseExpiry(strings.TrimSpace(record[2]))
		if err != nil {
			i.refuse(n, "has an expiry that is no date such as 2027-01-31")
			return
		}
		e.ExpiresAt = &expires
	}
	i.page = append(i.page, e)
}

func parseExpiry(s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, s)
}

func (i *importer) flush(ctx context.Context, s entries) error {
	if err := s.AddDoNotCall(ctx, i.ListID, i.page); err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	i.Taken += int64(len(i.page))
	i.page = i.page[:0]
	return storeError(s.KeepImport(ctx, i.Import))
}

func (i *importer) refuse(n int, why string) {
	i.Refused++
	i.fault("Line %d %s.", n, why)
}

func (i *importer) fault(format string, args ...any) {
	if len(i.Faults) < maxFaults {
		i.Faults = append(i.Faults, fmt.Sprintf(format, args...))
	}
}
