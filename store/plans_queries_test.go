package store_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// query is something that is asked of a store whose tables are full.
type query struct {
	name string
	ask  func(context.Context, *store.Store) error
}

// queries are all that the product asks of tables that grow. TestPlans fails when a statement is asked by none.
func queries() []query {
	return slices.Concat(callQueries(), callListQueries(), deliveryQueries(), permissionQueries(), otherQueries(), eventQueries())
}

// told leaves out what a query answers.
func told[T any](_ T, err error) error { return err }

func callQueries() []query {
	ended, live, event := rowCall(4000), rowCall(firstLive), rowCall(4000).EventID()
	entry := call.Entry{At: begin, Source: call.SourceTimer, Name: "noted"}
	return []query{
		{"a call is placed", func(ctx context.Context, s *store.Store) error {
			c := newCall(call.Trunk{ID: "trk_busy"}, minute(rowsFilled))
			return errors.Join(s.InsertCall(ctx, c, call.DefaultKnobs()), s.AcceptCall(ctx, c.ID, begin), s.AcceptCall(ctx, c.ID, begin))
		}},
		{"an agent's live call", func(ctx context.Context, s *store.Store) error {
			c := newCall(call.Trunk{ID: "trk_busy"}, minute(rowsFilled))
			c.AgentID, c.SoleOfAgent = "agent-sole", true
			return errors.Join(s.InsertCall(ctx, c, call.DefaultKnobs()), s.AcceptCall(ctx, c.ID, begin), told(s.LiveCallOfAgent(ctx, c.AgentID)))
		}},
		{"a call is refused", func(ctx context.Context, s *store.Store) error { return told(s.RefuseCall(ctx, rowCall(5996))) }},
		{"a call is read", func(ctx context.Context, s *store.Store) error { return told(s.Call(ctx, ended)) }},
		{"what a call began with", func(ctx context.Context, s *store.Store) error {
			_, _, err := s.CallWithTrunk(ctx, ended)
			return errors.Join(err, told(s.RequiresAgent(ctx, ended)))
		}},
		{"a call goes on", func(ctx context.Context, s *store.Store) error {
			return errors.Join(s.MarkRinging(ctx, live, begin), s.MarkAnswered(ctx, live, begin, 7*time.Second), s.MarkAnswered(ctx, ended, begin, 7*time.Second),
				s.KeepDialReply(ctx, live, call.Dial{}), told(s.DialReply(ctx, live)), told(s.KeepLegAtHangUp(ctx, live, call.LegUnknown)),
				told(s.Ending(ctx, live)), s.AppendEntry(ctx, live, entry))
		}},
		{"a call is dialed", func(ctx context.Context, s *store.Store) error {
			dialed, limits := rowCall(5992), call.Limits{Concurrent: 100_000, PerSecond: 100_000}
			claim := store.Claim{CallID: dialed, N: 1, Mark: "mark", Trunk: call.Trunk{ID: "trk_busy", Limits: limits}, At: minute(rowsFilled), All: limits}
			return errors.Join(told(s.DialPlan(ctx, dialed, minute(rowsFilled))), told(s.ClaimAttempt(ctx, claim)),
				s.EndAttempt(ctx, dialed, 1, call.Dial{State: call.DialAnswered, EndedAt: minute(rowsFilled)}), told(s.DialAttempts(ctx, dialed)))
		}},
		{"the caller IDs are listed", func(ctx context.Context, s *store.Store) error {
			return told(s.LastShown(ctx, []string{"+919999999999", "+911400012345"}))
		}},
		{"calls wait for a line", func(ctx context.Context, s *store.Store) error {
			c := newCall(call.Trunk{ID: "trk_busy"}, minute(rowsFilled))
			waiting, placed := c.ID, errors.Join(s.InsertCall(ctx, c, call.DefaultKnobs()), s.AcceptCall(ctx, c.ID, begin))
			_, err := s.Enqueue(ctx, store.Waiting{CallID: waiting, Trunks: []string{"trk_busy"}, At: minute(rowsFilled), Wait: time.Minute})
			return errors.Join(placed, err, told(s.WakeQueued(ctx, minute(rowsFilled))), told(s.QueuePosition(ctx, waiting, minute(rowsFilled))),
				told(s.QueuedUntil(ctx, waiting, minute(rowsFilled))), told(s.LineFree(ctx, waiting, minute(rowsFilled))),
				told(s.LinesFreed(ctx, waiting, minute(rowsFilled))))
		}},
		{"a trunk is judged", func(ctx context.Context, s *store.Store) error {
			c := newCall(call.Trunk{ID: "trk_busy"}, minute(rowsFilled))
			claim := store.Claim{CallID: c.ID, N: 1, Mark: "mark", Trunk: call.Trunk{ID: "trk_busy"}, At: minute(rowsFilled)}
			dialed := errors.Join(s.InsertCall(ctx, c, call.DefaultKnobs()), s.AcceptCall(ctx, c.ID, begin), told(s.ClaimAttempt(ctx, claim)),
				s.EndAttempt(ctx, c.ID, 1, call.Dial{State: call.DialNoReply, EndedAt: minute(rowsFilled)}))
			_, err := s.TrunkFailed(ctx, "trk_busy", call.BreakerRule{Dials: 20, Share: 1, Minimum: 1}, minute(rowsFilled))
			return errors.Join(dialed, err, told(s.OpenBreakers(ctx)), told(s.TrunkWorked(ctx, "trk_busy", minute(rowsFilled))))
		}},
		{"a call ends", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.RecordOutcome(ctx, live, busy(begin), nil, []call.Entry{entry}, []byte("{}"))),
				told(s.RecordOutcome(ctx, live, busy(begin), nil, nil, []byte("{}"))))
		}},
		{"a call's timeline", func(ctx context.Context, s *store.Store) error { return told(s.Timeline(ctx, ended)) }},
		{"which calls ended", func(ctx context.Context, s *store.Store) error {
			return told(s.EndedAmong(ctx, []call.ID{ended, live}))
		}},
		{"calls that are over", func(ctx context.Context, s *store.Store) error { return told(s.OverSince(ctx, begin)) }},
		{"the watched calls", func(ctx context.Context, s *store.Store) error { return told(s.WatchedCalls(ctx)) }},
		{"the calls on hold", func(ctx context.Context, s *store.Store) error {
			held := rowCall(5992)
			_, err := s.Hold(ctx, held, minute(rowsFilled))
			return errors.Join(err, told(s.ClaimHeld(ctx, "keeper", minute(rowsFilled), minute(rowsFilled+1))), told(s.Unhold(ctx, held)))
		}},
		{"the live calls by status", func(ctx context.Context, s *store.Store) error { return told(s.LiveByStatus(ctx)) }},
		{"the ledger's live calls", func(ctx context.Context, s *store.Store) error {
			return told(s.LiveBefore(ctx, minute(rowsFilled), rowCall(1), 100))
		}},
		{"the ledger's sums", func(ctx context.Context, s *store.Store) error {
			return told(s.LedgerSums(ctx, minute(rowsFilled-20)))
		}},
		{"the ledger's check", func(ctx context.Context, s *store.Store) error {
			return errors.Join(s.KeepLedgerCheck(ctx, store.LedgerCheck{At: begin}), told(s.LedgerCheck(ctx)))
		}},
		{"the ledger's brake", func(ctx context.Context, s *store.Store) error {
			return errors.Join(s.HoldLedger(ctx, begin, 30, 90), s.ReleaseLedger(ctx, "asha", begin), told(s.LedgerBrake(ctx)), s.FreeLedger(ctx),
				told(s.MissWorkflow(ctx, rowCall(firstLive+1), begin)))
		}},
		{"a delivery that was taken", func(ctx context.Context, s *store.Store) error { return s.MarkDelivered(ctx, event, begin) }},
		{"the Temporal of the calls", func(ctx context.Context, s *store.Store) error {
			n := store.TemporalNamespace{ID: "one", Name: "default", Since: begin}
			return errors.Join(told(s.KeepTemporal(ctx, n)), told(s.AdoptTemporal(ctx, n)))
		}},
		{"the overview's calls", func(ctx context.Context, s *store.Store) error {
			return told(s.CountCalls(ctx, minute(rowsFilled-20)))
		}},
		{"the trunks' numbers", func(ctx context.Context, s *store.Store) error {
			none := func(store.EndedAttempt) error { return nil }
			return errors.Join(told(s.TrunkNumbers(ctx, minute(rowsFilled-20))), s.EndedAttempts(ctx, minute(10), minute(rowsFilled), "trk_rare", none))
		}},
		{"the trunks' counts", func(ctx context.Context, s *store.Store) error {
			return told(s.CountTrunkCalls(ctx, minute(rowsFilled-20)))
		}},
		{"a report", func(ctx context.Context, s *store.Store) error {
			whole := store.EndedFilter{Since: minute(100), Until: minute(rowsFilled)}
			of := whole
			of.TrunkID = "trk_rare"
			return errors.Join(told2(s.ReportSums(ctx, whole)), told2(s.ReportSums(ctx, of)))
		}},
		{"the calls that ended last", func(ctx context.Context, s *store.Store) error { return told(s.LatestEnded(ctx, 8)) }},
		{"a trunk's dials", func(ctx context.Context, s *store.Store) error { return told(s.TrunkDials(ctx, "trk_rare")) }},
		{"the trunks' records", func(ctx context.Context, s *store.Store) error {
			return told(s.TrunkRecords(ctx, minute(rowsFilled-20)))
		}},
		{"an idempotency key", func(ctx context.Context, s *store.Store) error {
			hash := [32]byte{1}
			return errors.Join(told2(s.ClaimIdempotencyKey(ctx, "key_1", "k", hash, ended, begin)), told2(s.ClaimIdempotencyKey(ctx, "key_1", "k", hash, ended, begin)),
				told(s.CallOfIdempotencyKey(ctx, "key_1", "k", hash, begin)), s.ReleaseIdempotencyKey(ctx, "key_1", "k", ended))
		}},
		{"the delivery of a call", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.DeliveryOfCall(ctx, ended)), told(s.DeliveriesOfCall(ctx, ended)), told(s.Delivery(ctx, event)))
		}},
	}
}

// callListQueries filter by each thing, on the first page and on the next.
func callListQueries() []query {
	var all []query
	for _, f := range []struct {
		by     string
		filter store.CallFilter
	}{
		{"nothing", store.CallFilter{}},
		{"case", store.CallFilter{CaseID: "case-2000"}},
		{"agent", store.CallFilter{AgentID: "agent-rare"}},
		{"trunk", store.CallFilter{TrunkID: "trk_rare"}},
		{"status", store.CallFilter{Status: call.StatusAnswered}},
		{"live", store.CallFilter{Live: true}},
		{"call status", store.CallFilter{CallStatus: call.Failed}},
		{"reason", store.CallFilter{Reason: call.ReasonTrunkRejected}},
		{"SIP code", store.CallFilter{SIPCode: 503}},
		{"number", store.CallFilter{NumberSuffix: "003999"}},
		{"time", store.CallFilter{Since: ptr(minute(100)), Until: ptr(minute(300))}},
		{"spans of time", store.CallFilter{Since: ptr(minute(100)), Until: ptr(minute(4060)), Within: []store.Span{{minute(100), minute(160)}, {minute(4000), minute(4060)}}}},
	} {
		f.filter.Limit = 5
		next := f.filter
		next.Cursor = cursorAt(minute(3000), rowCall(3000))
		all = append(all, query{"calls by " + f.by, func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.ListCalls(ctx, f.filter)), told(s.CountListed(ctx, f.filter, 5)))
		}},
			query{"calls by " + f.by + ", the next page", func(ctx context.Context, s *store.Store) error { return told(s.ListCalls(ctx, next)) }})
	}
	for by, f := range map[string]store.EndedFilter{"nothing": {}, "trunk": {TrunkID: "trk_rare"}, "agent": {AgentID: "agent-rare"}} {
		f.Since, f.Until = minute(2000), minute(4000)
		all = append(all, query{"a report by " + by, func(ctx context.Context, s *store.Store) error {
			return s.EndedCalls(ctx, f, func(store.EndedCall) error { return nil })
		}})
	}
	return all
}

func permissionQueries() []query {
	return []query{
		{"may a number be called", func(ctx context.Context, s *store.Store) error {
			return errors.Join(told(s.PermissionRules(ctx)), told(s.Standing(ctx, "9530251797", minute(rowsFilled))),
				told(s.ListedOn(ctx, "9530251797", minute(rowsFilled))),
				told(s.CountDial(ctx, rowCall(firstLive), "9530251797", minute(rowsFilled), call.Frequency{PerDay: 3, PerWeek: 7})))
		}},
		{"the rules are changed", func(ctx context.Context, s *store.Store) error {
			rules, err := s.PermissionRules(ctx)
			return errors.Join(err, told(s.SavePermissionRules(ctx, rules, "asha")))
		}},
		{"a do-not-call list", func(ctx context.Context, s *store.Store) error {
			list, err := s.AddDoNotCallList(ctx, "Own requests")
			imported, began := s.BeginImport(ctx, list.ID, "asha")
			return errors.Join(err, began, s.AddDoNotCall(ctx, list.ID, []store.DoNotCallEntry{{Number: "9530251797"}}), s.KeepImport(ctx, imported),
				told(s.CountDoNotCall(ctx, list.ID)), told(s.DeleteDoNotCall(ctx, list.ID, "9530251797")), told(s.DeleteDoNotCall(ctx, list.ID)),
				s.DeleteDoNotCallList(ctx, list.ID), told(s.DoNotCallLists(ctx)), told(s.Imports(ctx)))
		}},
	}
}

func otherQueries() []query {
	log := func(f store.AuditFilter) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error { return told(s.AuditLog(ctx, f)) }
	}
	return []query{
		{"the audit log", log(store.AuditFilter{})},
		{"the audit log, the next page", log(store.AuditFilter{Cursor: "3000"})},
		{"the audit log by user", log(store.AuditFilter{UserName: "rare"})},
		{"the audit log by action", log(store.AuditFilter{Action: "rare"})},
		{"the audit log by time", log(store.AuditFilter{Since: ptr(minute(100)), Until: ptr(minute(200))})},
		{"old data is purged", func(ctx context.Context, s *store.Store) error {
			keep := 30 * 24 * time.Hour
			return s.Purge(ctx, minute(10).Add(keep), store.Retention{Responses: keep, Attempts: keep, Timelines: keep, Numbers: keep, Calls: keep, Audit: keep})
		}},
		{"the sums of reports are made", func(ctx context.Context, s *store.Store) error { // those of purged calls are taken off
			return errors.Join(s.FoldSums(ctx), s.RebuildReports(ctx, minute(rowsFilled)), told(s.CountTrunkCalls(ctx, minute(rowsFilled-20))), s.FillReports(ctx, nil))
		}},
		{"a customer is forgotten", func(ctx context.Context, s *store.Store) error { return told(s.EraseCustomer(ctx, "9000004001")) }},
		{"something is audited", func(ctx context.Context, s *store.Store) error {
			return s.AppendAudit(ctx, store.AuditEntry{At: begin})
		}},
		{"a session", func(ctx context.Context, s *store.Store) error {
			sessions := s.Sessions()
			return errors.Join(sessions.CommitCtx(ctx, "t", []byte("d"), begin), told2(sessions.FindCtx(ctx, "t")), sessions.DeleteCtx(ctx, "t"))
		}},
		{"sessions are purged", func(ctx context.Context, s *store.Store) error { return s.Sessions().Purge(ctx) }},
		{"housekeeping", func(ctx context.Context, s *store.Store) error { return s.Housekeep(ctx, minute(60).Add(24*time.Hour)) }},
	}
}

func cursorAt(at time.Time, id call.ID) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", at.UnixMicro(), id))
}

func told2[T, U any](_ T, _ U, err error) error { return err }
