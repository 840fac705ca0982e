package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// PreviewDial answers what a number becomes on each trunk, by the functions that dial.
func (a *API) PreviewDial(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, a.previewDial)
}

func (a *API) previewDial(r *http.Request) (oapi.DialPreview, error) {
	in, err := body[oapi.DialPreviewRequest](r)
	if err != nil {
		return oapi.DialPreview{}, err
	}
	trunks, err := a.Store.Trunks(r.Context())
	if err != nil {
		return oapi.DialPreview{}, storeError(err)
	}
	picked, err := a.Store.DefaultTrunk(r.Context())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return oapi.DialPreview{}, storeError(err)
	}
	preview := oapi.DialPreview{CustomerNumber: in.CustomerNumber, Problems: []oapi.FieldError{}, Trunks: []oapi.TrunkPreview{}}
	if err := call.CheckCustomerNumber(in.CustomerNumber); err != nil {
		preview.Problems = append(preview.Problems, oapi.FieldError{Field: "customer_number", Message: err.Error()})
	}
	if did := value(in.Did); did != "" {
		if _, err := call.NormalizeDID(did); err != nil {
			preview.Problems = append(preview.Problems, oapi.FieldError{Field: "did", Message: err.Error()})
		}
	}
	for _, t := range trunks {
		if wanted := value(in.TrunkID); wanted == "" || wanted == t.ID {
			p := previewTrunk(t, in.CustomerNumber, value(in.Did))
			p.Picked = t.ID == picked.ID
			preview.Trunks = append(preview.Trunks, p)
		}
	}
	if len(preview.Trunks) == 0 && value(in.TrunkID) != "" {
		preview.Problems = append(preview.Problems, oapi.FieldError{Field: "trunk_id", Message: "is not one of the trunks: reload the list"})
	}
	return preview, nil
}

func previewTrunk(t call.Trunk, number, did string) oapi.TrunkPreview {
	p := oapi.TrunkPreview{Trunk: trunkView(t), Problems: []oapi.FieldError{}}
	step := func(rule, title, before, after string, err error) bool {
		p.Steps = append(p.Steps, oapi.DialStep{Rule: rule, Title: title, Before: before, After: after, Ok: err == nil})
		if err != nil {
			p.Problems = append(p.Problems, oapi.FieldError{Field: ruleFields[rule], Message: err.Error()})
		}
		return err == nil
	}
	if err := call.CheckCustomerNumber(number); step("check_number", "The customer's number is exactly ten digits", number, unless(err, number), err) {
		title := "This trunk has no prefix: the number is dialed as it is"
		if t.Prefix != "" {
			title = "Put the trunk's prefix " + t.Prefix + " before the number"
		}
		dialed, err := call.DialedString(t.Prefix, number)
		if step("add_prefix", title, number, dialed, err) {
			p.Dialed = &dialed
		}
	}
	chosen, title := did, "The CRM sends a caller ID: it is used"
	if strings.TrimSpace(did) == "" {
		chosen, title = t.DefaultDID, "The CRM sends no caller ID: the trunk's default is used"
	}
	step("choose_did", title, did, chosen, nil)
	normal, err := call.NormalizeDID(chosen)
	if step("normalise_did", "Write the caller ID in international form", chosen, normal, err) {
		p.Did = &normal
	}
	return p
}

// ruleFields says which field of the input a rule judges.
var ruleFields = map[string]string{"check_number": "customer_number", "add_prefix": "prefix", "normalise_did": "did"}

func unless(err error, text string) string {
	if err != nil {
		return ""
	}
	return text
}
