package peers

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
)

func TestScriptsAreXML(t *testing.T) {
	t.Parallel()
	for _, s := range Scenarios() {
		for _, text := range []string{s.plays, s.forks} {
			d := xml.NewDecoder(strings.NewReader(strings.ToValidUTF8(text, "?")))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err, "%s: %s", s.Name, text)
			}
		}
		require.Equal(t, s.phone == withSIPp, s.plays != "", s.Name)
	}
	require.Greater(t, len(Scenarios()), 40)
}

func TestEveryScenarioHasItsPorts(t *testing.T) {
	t.Parallel()
	ports, release, err := servers.FreePorts()
	require.NoError(t, err)
	defer release()
	last := len(Scenarios()) - 1
	require.LessOrEqual(t, ports.RTC.First+2*last+1, ports.RTC.Last)
	require.LessOrEqual(t, ports.SIPMedia.First+portsEach*atOnce, ports.SIPMedia.Last)
}

// TestTone: G.711 A-law has silence at 0xD5, and its loudest at 0xAA and 0x2A (ITU-T G.711, table 1a).
func TestTone(t *testing.T) {
	t.Parallel()
	for sample, want := range map[int]byte{0: 0xD5, -1: 0x55, 32767: 0xAA, -32768: 0x2A, 1000: 0xFA} {
		require.Equal(t, want, alawEncode(sample), sample)
	}
}

func TestTableSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	results := map[string][]Result{
		"polling": {{Scenario: Scenario{Name: "a|b", trunk: udp, phone: withSIPp, want: busy}, Said: busy, Took: time.Second}},
		"webhook": {{Scenario: Scenario{Name: "a|b", trunk: udp, phone: withSIPp, want: busy}, Said: rangOut, Wrong: []string{"it should be busy"}}},
	}
	var b strings.Builder
	require.NoError(t, Write(&b, []string{"polling", "webhook"}, results, time.Now(), time.Minute))
	require.Contains(t, b.String(), `| a\|b | UDP | SIPp | NOT_ANSWERED busy 486 | yes (1 s) | **NOT_ANSWERED no_answer 408**: it should be busy |`)
}

// TestPageOfTheDocumentation: the page that a run writes says what this code says of LiveKit.
func TestPageOfTheDocumentation(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/peers.md")
	require.NoError(t, err)
	require.Contains(t, string(page), liveKits)
}
