package admin

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/call"
)

// PreviewDial answers what a number becomes on each trunk and how a call to it would go, by the functions that dial.
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
	q, err := a.previewQuestion(r, in)
	if err != nil {
		return oapi.DialPreview{}, err
	}
	plan, err := a.Store.PlanRoute(r.Context(), q)
	if err != nil {
		return oapi.DialPreview{}, storeError(err)
	}
	preview := oapi.DialPreview{CustomerNumber: in.CustomerNumber, Problems: []oapi.FieldError{}, Trunks: []oapi.TrunkPreview{}, Attempts: []oapi.PreviewAttempt{}}
	if err := call.CheckCustomerNumber(in.CustomerNumber); err != nil {
		preview.Problems = append(preview.Problems, oapi.FieldError{Field: "customer_number", Message: err.Error()})
	} else if err := a.previewCall(r, &preview, plan, q, value(in.Did)); err != nil {
		return oapi.DialPreview{}, err
	}
	if did := value(in.Did); did != "" {
		if _, err := call.NormalizeDID(did); err != nil {
			preview.Problems = append(preview.Problems, oapi.FieldError{Field: "did", Message: err.Error()})
		}
	}
	for _, t := range trunks {
		if wanted := value(in.TrunkID); wanted == "" || wanted == t.ID {
			p := previewTrunk(t, in.CustomerNumber, value(in.Did), routedDID(plan, t))
			p.Picked = len(plan.Trunks) > 0 && t.ID == plan.Trunks[0].ID
			preview.Trunks = append(preview.Trunks, p)
		}
	}
	if len(preview.Trunks) == 0 && value(in.TrunkID) != "" {
		preview.Problems = append(preview.Problems, oapi.FieldError{Field: "trunk_id", Message: "is not one of the trunks: reload the list"})
	}
	return preview, nil
}

// previewQuestion is what a call of the input would be planned by. The same number gets the same draw among equal trunks each time.
func (a *API) previewQuestion(r *http.Request, in oapi.DialPreviewRequest) (call.RouteQuestion, error) {
	q := call.RouteQuestion{CallID: call.ID("preview of " + in.CustomerNumber), Number: in.CustomerNumber, Purpose: call.Purpose(value(in.Purpose)),
		AgentID: value(in.AgentID), At: time.Now()}
	if in.At != nil {
		q.At = *in.At
	}
	if q.Purpose == "" {
		rules, err := a.Store.PermissionRules(r.Context())
		if err != nil {
			return q, storeError(err)
		}
		q.Purpose = rules.DefaultPurpose
	}
	return q, nil
}

// previewCall adds how a call to a right number would go: by which route, through which trunks, as whom, and whether it may.
func (a *API) previewCall(r *http.Request, preview *oapi.DialPreview, plan call.RoutePlan, q call.RouteQuestion, did string) error {
	permission, err := a.Store.Permission(r.Context(), q.Number, q.Purpose, q.At)
	if err != nil {
		return storeError(err)
	}
	may := permissionView(permission)
	preview.Permission = &may
	if plan.RouteID != "" {
		preview.Route = &oapi.PreviewRoute{RouteID: plan.RouteID, Name: plan.Name}
	}
	for _, t := range plan.Trunks {
		p := previewTrunk(t, q.Number, did, plan.DID)
		preview.Attempts = append(preview.Attempts, oapi.PreviewAttempt{TrunkID: t.ID, Label: t.Label, Dialed: p.Dialed, Did: p.Did})
	}
	return nil
}

// routedDID is the caller ID that the route of a plan chooses for a trunk; empty: the trunk is not of the plan, or its default is shown.
func routedDID(plan call.RoutePlan, t call.Trunk) string {
	if slices.ContainsFunc(plan.Trunks, func(planned call.Trunk) bool { return planned.ID == t.ID }) {
		return plan.DID
	}
	return ""
}

func previewTrunk(t call.Trunk, number, did, routed string) oapi.TrunkPreview {
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
	switch {
	case strings.TrimSpace(did) != "":
	case routed != "":
		chosen, title = routed, "The CRM sends no caller ID: the route chooses it"
	default:
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
