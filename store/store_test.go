package store_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// opener returns a store on a fresh database.
type opener func(testing.TB) *store.Store

func TestSQLite(t *testing.T) {
	t.Parallel()
	testStore(t, storetest.SQLite)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	testStore(t, storetest.Postgres)
}

// testStore is the suite that both databases pass.
func testStore(t *testing.T, open opener) {
	for name, test := range map[string]func(*testing.T, *store.Store){
		"CallLife":                testCallLife,
		"UnacceptedIsInvisible":   testUnacceptedIsInvisible,
		"RefuseAndAccept":         testRefuseAndAccept,
		"ProgressOnlyForward":     testProgressOnlyForward,
		"WatchedCalls":            testWatchedCalls,
		"Pinned":                  testPinned,
		"TemporalNamespace":       testTemporalNamespace,
		"LedgerBrake":             testLedgerBrake,
		"SumsFollow":              testSumsFollow,
		"ReportSums":              testReportSums,
		"ReportSumsAreFilled":     testReportSumsAreFilled,
		"MissWorkflow":            testMissWorkflow,
		"Housekeep":               testHousekeep,
		"Purge":                   testPurge,
		"PurgeInBatches":          testPurgeInBatches,
		"PurgeAudit":              testPurgeAudit,
		"EraseCustomer":           testEraseCustomer,
		"ReplaySelections":        testReplaySelections,
		"ReplayRefuses":           testReplayRefuses,
		"ReplayCounts":            testReplayCounts,
		"ReplaySteering":          testReplaySteering,
		"ReplayList":              testReplayList,
		"LegAtHangUp":             testLegAtHangUp,
		"SoleCallOfAgent":         testSoleCallOfAgent,
		"SoleCallRace":            testSoleCallRace,
		"QueueInOrder":            testQueueIsFirstComeFirstServed,
		"QueueHealsItself":        testQueueHealsItself,
		"QueueFillsASecond":       testQueueFillsASecond,
		"QueueRace":               testQueueRace,
		"LastShown":               testLastShown,
		"LineFree":                testLineFree,
		"AttemptsAreClaimedOnce":  testAttemptsAreClaimedOnce,
		"LinesAreLimited":         testLinesAreLimited,
		"DialsASecondAreLimited":  testDialsASecondAreLimited,
		"ClaimsAtOnce":            testClaimsAtOnceKeepTheLimits,
		"DialPlan":                testDialPlan,
		"DialReply":               testDialReply,
		"EndedAmong":              testEndedAmong,
		"OutcomeKeepsEveryField":  testOutcomeKeepsEveryField,
		"OutcomeOnce":             testOutcomeOnce,
		"OutcomeIsOneTransaction": testOutcomeIsOneTransaction,
		"Timeline":                testTimeline,
		"TimelineIsBounded":       testTimelineIsBounded,
		"ListPagesProperty":       testListPagesProperty,
		"ListFilters":             testListFilters,
		"ListRefusesNonsense":     testListRefusesNonsense,
		"IdempotencyKeys":         testIdempotencyKeys,
		"IdempotencyRace":         testIdempotencyRace,
		"IdempotencyPurge":        testIdempotencyPurge,
		"HousekeepAllKeys":        testHousekeepAllKeys,
		"SettingsVersions":        testSettingsVersions,
		"SettingsValidation":      testSettingsValidation,
		"SettingsRace":            testSettingsRace,
		"Trunks":                  testTrunks,
		"TrunkBreaker":            testTrunkBreaker,
		"DialFaults":              testDialFaults,
		"TrunkOrderAndDelete":     testTrunkOrderAndDelete,
		"TrunkValidation":         testTrunkValidation,
		"TrunkDefaultRace":        testTrunkDefaultRace,
		"APIKeys":                 testAPIKeys,
		"Endpoints":               testEndpoints,
		"EndpointValidation":      testEndpointValidation,
		"DeliveryStates":          testDeliveryStates,
		"DeliveriesSince":         testDeliveriesSince,
		"ReceiverLinks":           testReceiverLinks,
		"Attempts":                testAttempts,
		"AttemptsThatCross":       testAttemptsThatCross,
		"ProbesAreBounded":        testProbesAreBounded,
		"TakeUp":                  testTakeUp,
		"TakeUpRevives":           testTakeUpRevives,
		"TakeUpAdoptsEndpoint":    testTakeUpAdoptsEndpoint,
		"NobodyIsParkedForGood":   testNobodyIsParkedForGood,
		"Leases":                  testLeases,
		"LeaseParked":             testLeaseParked,
		"BornParked":              testBornParked,
		"DrainedEndpointFails":    testDrainedEndpointFailsAgain,
		"Breaker":                 testBreaker,
		"BreakerAtGone":           testBreakerAtGone,
		"NextProbe":               testNextProbe,
		"EndpointTarget":          testEndpointTarget,
		"FurtherEndpoints":        testFurtherEndpoints,
		"OutcomeForEach":          testOutcomeForEach,
		"RemovedEndpoint":         testRemovedEndpoint,
		"EraseCustomerFromAll":    testEraseCustomerFromAll,
		"EventsOfACall":           testEventsOfACall,
		"EventsExpire":            testEventsExpire,
		"NoEventsForTheHeld":      testNoEventsForTheHeld,
		"EventsOfATrunk":          testEventsOfATrunk,
		"SecretsStayAtTheirHost":  testSecretsStayAtTheirHost,
		"EndpointPauses":          testEndpointPauses,
		"SigningSecrets":          testSigningSecrets,
		"OneSecretLasts":          testOneSecretLasts,
		"SigningSecretsBounded":   testSigningSecretsAreBounded,
		"AttemptsAreBounded":      testAttemptsAreBounded,
		"DeliveryWithoutEndpoint": testDeliveryWithoutEndpoint,
		"SeedDefaults":            testSeedDefaults,
		"SeedChangesNothingTwice": testSeedChangesNothingTwice,
		"SeedRace":                testSeedRace,
		"Users":                   testUsers,
		"LastAdmin":               testLastAdmin,
		"LastAdminRace":           testLastAdminRace,
		"FirstUserRace":           testFirstUserRace,
		"Sessions":                testSessions,
		"Audit":                   testAudit,
		"Counts":                  testCounts,
		"CountEndpoints":          testCountEndpoints,
		"TrunkRecords":            testTrunkRecords,
		"LedgerSums":              testLedgerSums,
		"LedgerLists":             testLedgerLists,
		"LedgerCheck":             testLedgerCheck,
		"OverdueDeliveries":       testOverdueDeliveries,
		"ListDeliveries":          testListDeliveries,
		"EndpointAttempts":        testEndpointAttempts,
		"AttemptsOfOld":           testAttemptsOfOld,
		"EndedAttempts":           testEndedAttempts,
		"EndedCalls":              testEndedCalls,
		"Routes":                  testRoutes,
		"PermissionRules":         testPermissionRules,
		"DoNotCall":               testDoNotCall,
		"DoNotCallImports":        testDoNotCallImports,
		"DialsAreCounted":         testDialsAreCounted,
		"PermitDial":              testPermitDial,
		"DialsAtOnce":             testDialsAtOnceKeepTheLimit,
		"Hold":                    testHold,
		"MigrateTwice":            testMigrateTwice,
		"CancelledContext":        testCancelledContext,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// The moment that tests begin at; it has microseconds that must survive, and nanoseconds that must not matter.
var begin = time.Date(2026, 3, 4, 5, 6, 7, 891_234_000, time.UTC)

func after(d time.Duration) time.Time { return begin.Add(d) }

func ptr[T any](v T) *T { return &v }

func addTrunk(t testing.TB, s *store.Store) call.Trunk {
	t.Helper()
	trunk := call.Trunk{
		ID: store.NewTrunkID(), Label: "Mumbai", LiveKitTrunkID: "ST_abc", Prefix: "0091", DefaultDID: "+912233445566",
		Enabled: true,
	}
	require.NoError(t, s.SaveTrunk(t.Context(), trunk))
	saved, err := s.Trunk(t.Context(), trunk.ID)
	require.NoError(t, err)
	return saved
}

func newCall(trunk call.Trunk, at time.Time) call.Call {
	return call.Call{
		ID: call.NewID(), CaseID: "case-1", CustomerCRMID: "crm-1", AgentID: "agent-1", CustomerNumber: "9530251797",
		DID: "+912233445566", TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: at,
	}
}

// addCall inserts and accepts a call.
func addCall(t testing.TB, s *store.Store, c call.Call) call.Call {
	t.Helper()
	require.NoError(t, s.InsertCall(t.Context(), c, call.DefaultKnobs()))
	require.NoError(t, s.AcceptCall(t.Context(), c.ID, c.CreatedAt))
	return c
}

func busy(at time.Time) call.Outcome {
	o := call.FromSIPCode(486)
	o.RingSeconds, o.EndedAt = 3, at
	return o
}

// endCall records a busy outcome.
func endCall(t testing.TB, s *store.Store, c call.Call) {
	t.Helper()
	recorded, err := s.RecordOutcome(t.Context(), c.ID, busy(c.CreatedAt.Add(time.Minute)), nil, nil, bodyOf(c))
	require.NoError(t, err)
	require.True(t, recorded)
}

func bodyOf(c call.Call) []byte { return fmt.Appendf(nil, `{"call_id":%q,"é":"\u0000"}`, c.ID) }
