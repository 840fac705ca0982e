package admin

import (
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/store"
)

// maxRecords is for how many trunks the latest dials are read, one query each.
const maxRecords = 100

// ListTrunkRecords answers how each trunk's latest dials ended, and its outcomes of today.
func (a *API) ListTrunkRecords(w http.ResponseWriter, r *http.Request, p oapi.ListTrunkRecordsParams) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.TrunkRecordList, error) {
		zone, err := zoneOf(p.Tz)
		if err != nil {
			return oapi.TrunkRecordList{}, err
		}
		midnight := report.Midnight(time.Now(), zone).UTC()
		trunks, err := a.Store.Trunks(r.Context())
		if err != nil {
			return oapi.TrunkRecordList{}, storeError(err)
		}
		today, err := a.Store.CountTrunkCalls(r.Context(), midnight)
		if err != nil {
			return oapi.TrunkRecordList{}, storeError(err)
		}
		list := oapi.TrunkRecordList{Since: midnight, Records: make([]oapi.TrunkRecord, min(len(trunks), maxRecords))}
		for i := range list.Records {
			dials, err := a.Store.TrunkDials(r.Context(), trunks[i].ID)
			if err != nil {
				return oapi.TrunkRecordList{}, storeError(err)
			}
			list.Records[i] = trunkRecord(trunks[i].ID, dials, today[trunks[i].ID])
		}
		return list, nil
	})
}

func trunkRecord(id string, dials []store.TrunkDial, today store.CallCounts) oapi.TrunkRecord {
	ended := report.Counts{Calls: today.Answered + today.NotAnswered + today.Failed, Answered: today.Answered}
	record := oapi.TrunkRecord{
		TrunkID: id, Dials: make([]oapi.TrunkDial, len(dials)), Answered: today.Answered, NotAnswered: today.NotAnswered, Failed: today.Failed,
		AnswerRate: ended.AnswerRate(),
	}
	for i, d := range dials {
		record.Dials[i] = oapi.TrunkDial{
			CallID: string(d.CallID), EndedAt: d.EndedAt().UTC(), CallStatus: string(d.CallStatus), DisconnectReason: string(d.Reason), SIPDisconnectCode: d.SIPCode,
		}
	}
	return record
}
