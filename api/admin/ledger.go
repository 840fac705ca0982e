package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

const (
	// ledgerHours is how far back the ledger counts unless it is told otherwise.
	ledgerHours = 24
	// ledgerAge is how old the sums may be: many may look at the page, and each sum reads a day of calls.
	ledgerAge = 3 * time.Second
)

// ledgers remembers the latest sums for each number of hours. Who comes while another adds up waits for that sum.
type ledgers struct {
	mu    sync.Mutex
	known map[int]oapi.Ledger
}

// GetLedger answers what was accepted, and where all of it is now.
func (a *API) GetLedger(w http.ResponseWriter, r *http.Request, p oapi.GetLedgerParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Ledger, error) {
		hours := ledgerHours
		if p.Hours != nil {
			hours = *p.Hours
		}
		l, err := a.ledger(r.Context(), hours)
		return l, storeError(err)
	})
}

func (a *API) ledger(ctx context.Context, hours int) (oapi.Ledger, error) {
	a.ledgers.mu.Lock()
	defer a.ledgers.mu.Unlock()
	at := time.Now().UTC()
	if l, ok := a.ledgers.known[hours]; ok && at.Sub(l.At) < ledgerAge {
		return l, nil
	}
	since := at.Add(-time.Duration(hours) * time.Hour)
	sums, err := a.Store.LedgerSums(ctx, since)
	if err != nil {
		return oapi.Ledger{}, err
	}
	overdue, err := a.Store.OverdueDeliveries(ctx, at)
	if err != nil {
		return oapi.Ledger{}, err
	}
	l := oapi.Ledger{
		At: at, Since: since, Balanced: sums.Balanced(), Accepted: sums.Accepted, Live: sums.Live, Outcomes: sums.Outcomes,
		Acknowledged: sums.Acknowledged, Waiting: sums.Waiting, Parked: sums.Parked, Dead: sums.Dead, Missing: sums.Missing, Overdue: overdue,
	}
	brake, err := a.Store.LedgerBrake(ctx)
	if err != nil {
		return oapi.Ledger{}, err
	}
	l.Held = ledgerBrake(brake)
	check, err := a.Store.LedgerCheck(ctx)
	switch {
	case err == nil:
		l.LastCheck = ledgerCheck(check)
	case !errors.Is(err, store.ErrNotFound):
		return oapi.Ledger{}, err
	}
	if a.ledgers.known == nil {
		a.ledgers.known = map[int]oapi.Ledger{}
	}
	a.ledgers.known[hours] = l
	return l, nil
}

func ledgerBrake(b store.LedgerBrake) *oapi.LedgerBrake {
	if b.HeldSince == nil {
		return nil
	}
	return &oapi.LedgerBrake{Since: *b.HeldSince, Gone: b.Gone, Live: b.Live, ReleasedUntil: b.ReleasedUntil, ReleasedBy: b.ReleasedBy}
}

// ReleaseLedger is an operator's word that the ledger may end the calls that it holds back.
func (a *API) ReleaseLedger(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		brake, err := a.Store.LedgerBrake(r.Context())
		if err != nil {
			return struct{}{}, storeError(err)
		}
		err = a.Store.ReleaseLedger(r.Context(), userOf(r.Context()).Name, time.Now().Add(store.LedgerWord))
		if errors.Is(err, store.ErrConflict) {
			return struct{}{}, problem.RefuseWith(problem.Conflict, "The ledger holds nothing back. Reload the page.")
		}
		if err != nil {
			return struct{}{}, storeError(err)
		}
		a.ledgers.forget()
		return struct{}{}, a.audit(r, "ledger_released", "", fmt.Sprintf("%d of %d live calls", brake.Gone, brake.Live))
	})
}

// forget has the next one who asks read again.
func (l *ledgers) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.known)
}

func ledgerCheck(c store.LedgerCheck) *oapi.LedgerCheck {
	return &oapi.LedgerCheck{
		At: c.At, CallsChecked: c.CallsChecked, DeliveriesChecked: c.DeliveriesChecked, CallsEnded: c.CallsEnded,
		DeliveriesStarted: c.DeliveriesStarted, Unresolved: c.Unresolved, CallsEndedTotal: c.CallsEndedTotal,
		DeliveriesStartedTotal: c.DeliveriesStartedTotal,
	}
}
