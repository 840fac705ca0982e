package call

import (
	"fmt"
	"time"
)

// MaxQueueWait is the longest wait for a line that an operator may set.
const MaxQueueWait = 10 * time.Minute

// Admission is what becomes of calls whose agent, or whose line, is taken. With its zero value every agent may have any number of calls,
// and a call that finds no free line fails at once.
type Admission struct {
	OneCallPerAgent bool          // a second call of an agent is refused for as long as one lives; for agents with an agent_id of their own
	RefuseWhenBusy  bool          // /connect is refused while the call would find no free line
	QueueWait       time.Duration // how long a call waits for a line that gets free; 0 is not at all
}

// Validate returns an error that says what is out of range, or nil.
func (a Admission) Validate() error {
	if a.QueueWait < 0 || a.QueueWait > MaxQueueWait {
		return fmt.Errorf("queue_wait is %s, it must be between 0 (no queue) and %s", a.QueueWait, MaxQueueWait)
	}
	return nil
}
