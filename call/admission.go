package call

// Admission is what becomes of calls whose agent, or whose line, is taken. Its zero value lets every agent have any number of calls.
type Admission struct {
	OneCallPerAgent bool // a second call of an agent is refused for as long as one lives; for agents with an agent_id of their own
}
