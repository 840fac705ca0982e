package livekit_test

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// listOf is a reply of ListRooms as large as LiveKit's: about 250 bytes a room.
func listOf(t *testing.T, n int) (body []byte, ids []call.ID) {
	t.Helper()
	codecs := []*lk.Codec{{Mime: "audio/PCMU"}, {Mime: "audio/PCMA"}, {Mime: "audio/opus"}, {Mime: "audio/red"}, {Mime: "video/VP8"}, {Mime: "video/H264"},
		{Mime: "video/VP9"}, {Mime: "video/AV1"}, {Mime: "video/H265"}, {Mime: "video/rtx"}}
	list := &lk.ListRoomsResponse{Rooms: make([]*lk.Room, n)}
	for i := range n {
		id := call.NewID()
		ids = append(ids, id)
		list.Rooms[i] = &lk.Room{Sid: "RM_" + strconv.Itoa(i), Name: id.Room(), EmptyTimeout: 180, DepartureTimeout: 180, CreationTime: 1790000000,
			Metadata: `{"call_id":"` + string(id) + `"}`, EnabledCodecs: codecs, NumParticipants: 2, CreationTimeMs: 1790000000123}
	}
	body, err := proto.Marshal(list)
	require.NoError(t, err)
	return body, ids
}

func serve(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/protobuf")
		_, _ = w.Write(body)
	}
}

// TestCallRoomsOfAHundredThousand: all of them, within seconds, without holding the reply in memory.
func TestCallRoomsOfAHundredThousand(t *testing.T) {
	const rooms = 100_000
	body, ids := listOf(t, rooms)
	require.Greater(t, len(body), 20<<20)
	c := newFake(t).on("ListRooms", serve(body)).client()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	got, err := c.CallRooms(t.Context())
	took := time.Since(began)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.Len(t, got, rooms)
	require.True(t, slices.Equal(ids, got), "in LiveKit's order")
	require.Less(t, took, 10*time.Second)
	t.Logf("%d rooms, %d MB in %s; %d MB allocated in all", rooms, len(body)>>20, took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
}

// TestCallRoomsOfAListThatIsCut: it must not pass for a whole one.
func TestCallRoomsOfAListThatIsCut(t *testing.T) {
	t.Parallel()
	body, _ := listOf(t, 20)
	for name, reply := range map[string][]byte{
		"within a room":           body[:len(body)-7],
		"after a tag":             append(slices.Clone(body), 0x0a),
		"an unknown field":        append(slices.Clone(body), 0x10, 1),
		"a room that is no room":  append(slices.Clone(body), 0x0a, 2, 0xff, 0xff),
		"a room of two megabytes": append(slices.Clone(body), 0x0a, 0x80, 0x80, 0x80, 0x01),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newFake(t).on("ListRooms", serve(reply)).client().CallRooms(t.Context())
			require.ErrorIs(t, err, livekit.ErrUnavailable)
		})
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]int{
		"wss://acme-1234.livekit.cloud":   livekit.CloudBudget,
		"wss://Acme.LiveKit.Cloud:443/":   livekit.CloudBudget,
		"wss://livekit.example.com":       0,
		"wss://livekit.cloud.example.com": 0,
		"wss://notlivekit.cloud":          0,
		"ws://127.0.0.1:7880":             0,
		"://":                             0,
	} {
		creds := livekit.Credentials{URL: url, APIKey: apiKey, APISecret: apiSecret}
		require.Equal(t, want, clientOf(creds).Budget(t.Context()), url)
		require.Equal(t, 77, clientOf(creds, livekit.WithBudget(77)).Budget(t.Context()), url)
	}
}

// TestCountRequests: a look at a quiet room is one request, at an empty one two; without a count nothing is counted.
func TestCountRequests(t *testing.T) {
	t.Parallel()
	id := call.NewID()
	f := newFake(t).on("ListRooms", ok(&lk.ListRoomsResponse{Rooms: []*lk.Room{{Name: id.Room()}}})).on("ListParticipants", ok(&lk.ListParticipantsResponse{}))
	c := f.client()
	ctx, made := livekit.CountRequests(t.Context())
	_, err := c.Look(ctx, id)
	require.NoError(t, err)
	require.Equal(t, 2, made())
	_, err = c.Look(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, 2, made())
}
