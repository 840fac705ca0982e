package admin

import (
	"fmt"
	"net/http"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
)

// EraseCustomer takes a customer's personal data out of all calls. The number is in the body and not in the path, since proxies log
// paths, and the audit log does not hold it: that would keep what is to go.
func (a *API) EraseCustomer(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.ErasedCustomer, error) {
		in, err := body[oapi.CustomerErasure](r)
		if err != nil {
			return oapi.ErasedCustomer{}, err
		}
		number, err := call.ParseCustomerNumber(in.CustomerNumber)
		if err != nil {
			return oapi.ErasedCustomer{}, problem.Invalid(problem.Field{Field: "customer_number", Message: err.Error()})
		}
		done, err := a.Store.EraseCustomer(r.Context(), number)
		if done.Calls > 0 || err == nil {
			detail := fmt.Sprintf("%d calls erased, %d left", done.Calls, done.Left)
			if audited := a.audit(r, "customer_erased", value(in.Reason), detail); audited != nil {
				return oapi.ErasedCustomer{}, audited
			}
		}
		if err != nil {
			return oapi.ErasedCustomer{}, storeError(err)
		}
		return oapi.ErasedCustomer{Calls: done.Calls, Left: done.Left}, nil
	})
}
