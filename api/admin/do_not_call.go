package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// deleteFor is how long one request deletes numbers of a long list.
const deleteFor = 20 * time.Second

// ListDoNotCall answers the lists and their newest imports.
func (a *API) ListDoNotCall(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DoNotCall, error) {
		lists, err := a.Store.DoNotCallLists(r.Context())
		if err != nil {
			return oapi.DoNotCall{}, storeError(err)
		}
		view := oapi.DoNotCall{Lists: make([]oapi.DoNotCallList, len(lists)), Imports: []oapi.DoNotCallImport{}}
		for i, l := range lists {
			if l.Numbers, err = a.Store.CountDoNotCall(r.Context(), l.ID); err != nil {
				return oapi.DoNotCall{}, storeError(err)
			}
			view.Lists[i] = listView(l)
		}
		imports, err := a.Store.Imports(r.Context())
		if err != nil {
			return oapi.DoNotCall{}, storeError(err)
		}
		for _, i := range imports {
			view.Imports = append(view.Imports, importView(i))
		}
		return view, nil
	})
}

func listView(l store.DoNotCallList) oapi.DoNotCallList {
	return oapi.DoNotCallList{ListID: l.ID, Name: l.Name, CreatedAt: l.CreatedAt.UTC(), Numbers: l.Numbers}
}

func importView(i store.Import) oapi.DoNotCallImport {
	return oapi.DoNotCallImport{ImportID: i.ID, ListID: i.ListID, State: i.State, Taken: i.Taken, Refused: i.Refused,
		Faults: append([]string{}, i.Faults...), StartedAt: i.StartedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC(), StartedBy: i.StartedBy}
}

// CreateDoNotCallList makes an empty list.
func (a *API) CreateDoNotCallList(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, func(r *http.Request) (oapi.DoNotCallList, error) {
		in, err := body[oapi.NewDoNotCallList](r)
		if err != nil {
			return oapi.DoNotCallList{}, err
		}
		l, err := a.Store.AddDoNotCallList(r.Context(), in.Name)
		switch {
		case errors.Is(err, store.ErrConflict):
			return oapi.DoNotCallList{}, problem.RefuseWith(problem.Conflict, "There is a list of this name already, or there are 100 lists.")
		case errors.Is(err, store.ErrInvalid):
			return oapi.DoNotCallList{}, problem.Invalid(problem.Field{Field: "name", Message: "must not be empty"})
		case err != nil:
			return oapi.DoNotCallList{}, storeError(err)
		}
		return listView(l), a.audit(r, "do_not_call_list_created", l.ID, l.Name)
	})
}

// DeleteDoNotCallList deletes a list with its numbers, or as many of them as one request may take.
func (a *API) DeleteDoNotCallList(w http.ResponseWriter, r *http.Request, listID oapi.ListID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DoNotCallDeletion, error) {
		var done oapi.DoNotCallDeletion
		for began := time.Now(); time.Since(began) < deleteFor; {
			n, err := a.Store.DeleteDoNotCall(r.Context(), listID)
			if err != nil {
				return done, storeError(err)
			}
			if done.Deleted += n; n > 0 {
				continue
			}
			if err := a.Store.DeleteDoNotCallList(r.Context(), listID); err != nil {
				return done, storeError(err)
			}
			return done, a.audit(r, "do_not_call_list_deleted", listID, "")
		}
		done.Left = true
		return done, nil
	})
}

// AddDoNotCallNumbers puts numbers on a list.
func (a *API) AddDoNotCallNumbers(w http.ResponseWriter, r *http.Request, listID oapi.ListID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		in, err := body[oapi.DoNotCallNumbers](r)
		if err != nil {
			return struct{}{}, err
		}
		numbers, err := parseNumbers(in.Numbers)
		if err != nil {
			return struct{}{}, err
		}
		entries := make([]store.DoNotCallEntry, len(numbers))
		for i, n := range numbers {
			entries[i] = store.DoNotCallEntry{Number: n, Reason: value(in.Reason), ExpiresAt: in.ExpiresAt}
		}
		if err := a.addDoNotCall(r.Context(), listID, entries); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, a.audit(r, "do_not_call_numbers_added", listID, fmt.Sprintf("%d numbers", len(numbers)))
	})
}

func (a *API) addDoNotCall(ctx context.Context, listID string, entries []store.DoNotCallEntry) error {
	err := a.Store.AddDoNotCall(ctx, listID, entries)
	if errors.Is(err, store.ErrConflict) { // what it refers to is not there
		return problem.RefuseWith(problem.NotFound, "There is no such list; it may have been deleted. Reload the page.")
	}
	return storeError(err)
}

// RemoveDoNotCallNumbers takes numbers off a list.
func (a *API) RemoveDoNotCallNumbers(w http.ResponseWriter, r *http.Request, listID oapi.ListID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DoNotCallRemoved, error) {
		in, err := body[oapi.DoNotCallRemoval](r)
		if err != nil {
			return oapi.DoNotCallRemoved{}, err
		}
		numbers, err := parseNumbers(in.Numbers)
		if err != nil {
			return oapi.DoNotCallRemoved{}, err
		}
		n, err := a.Store.DeleteDoNotCall(r.Context(), listID, numbers...)
		if err != nil {
			return oapi.DoNotCallRemoved{}, storeError(err)
		}
		return oapi.DoNotCallRemoved{Removed: n}, a.audit(r, "do_not_call_numbers_removed", listID, fmt.Sprintf("%d numbers", n))
	})
}

// LookUpDoNotCall answers which lists a number is on, whatever purposes they hold for.
func (a *API) LookUpDoNotCall(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.DoNotCallStanding, error) {
		in, err := body[oapi.DoNotCallQuestion](r)
		if err != nil {
			return oapi.DoNotCallStanding{}, err
		}
		number, err := call.ParseCustomerNumber(in.CustomerNumber)
		if err != nil {
			return oapi.DoNotCallStanding{}, problem.Invalid(problem.Field{Field: "customer_number", Message: err.Error()})
		}
		now := time.Now()
		listed, err := a.Store.ListedOn(r.Context(), number, now)
		if err != nil {
			return oapi.DoNotCallStanding{}, storeError(err)
		}
		standing, err := a.Store.Standing(r.Context(), number, now)
		if err != nil {
			return oapi.DoNotCallStanding{}, storeError(err)
		}
		view := oapi.DoNotCallStanding{Entries: make([]oapi.DoNotCallEntry, len(listed)), DialedDay: standing.Day, DialedWeek: standing.Week}
		for i, l := range listed {
			view.Entries[i] = oapi.DoNotCallEntry{ListID: l.ListID, List: l.List, Reason: l.Reason, AddedAt: l.AddedAt.UTC(), ExpiresAt: utc(l.ExpiresAt)}
		}
		return view, nil
	})
}

// parseNumbers reads all numbers, or names those that are none by their place.
func parseNumbers(written []string) (numbers []string, err error) {
	var wrong []problem.Field
	for i, w := range written {
		n, err := call.ParseCustomerNumber(w)
		if err != nil {
			wrong = append(wrong, problem.Field{Field: fmt.Sprintf("numbers.%d", i), Message: err.Error()})
		}
		numbers = append(numbers, n)
	}
	if len(wrong) > 0 {
		return nil, problem.Invalid(wrong[:min(len(wrong), maxFieldErrors)]...)
	}
	return numbers, nil
}
