package health

// enoughFailures is how many attempts in a row must fail before we say that an endpoint fails: one may be a bad moment.
const enoughFailures = 3

func endpoints(f Facts) []Part {
	if len(f.Endpoints) == 0 {
		return []Part{noEndpoint(f)}
	}
	parts := make([]Part, len(f.Endpoints))
	for i, e := range f.Endpoints {
		parts[i] = endpoint(e, f)
	}
	return parts
}

func noEndpoint(f Facts) Part {
	p := Part{
		Kind: KindEndpoint, Name: "Webhook", State: Disabled, What: "No webhook URL is set.", Means: "The CRM is not told how calls end.",
		Action: &Action{Kind: OpenSettings, Target: "webhook", Label: "Set the webhook URL"},
	}
	if f.Waiting > 0 {
		p.State, p.Means = Failing, "The CRM is not told how calls end: "+count(f.Waiting, "outcome waits", "outcomes wait")+" for a URL."
	}
	return p
}

func endpoint(e Endpoint, f Facts) Part {
	p := Part{Kind: KindEndpoint, ID: e.ID, Name: "Webhook " + e.Host, State: Working}
	waiting := count(f.Waiting, "outcome waits", "outcomes wait")
	switch {
	case e.Paused:
		p.State, p.What, p.Means = Paused, "An operator paused it.", "The CRM is not told how calls end: "+waiting+" until it is resumed. None is lost."
		p.Action = &Action{Kind: ResumeEndpoint, Target: e.ID, Label: "Resume the webhook"}
	case e.Health.Open():
		p.State, p.Since, p.What = Open, e.Health.FailingSince, "It fails: "+sentence(e.Health.Reason)
		p.Means = "The CRM is not told how calls end: " + waiting + " on hold. It is probed, and all is sent when it works again."
		p.Action = &Action{Kind: SeeDeliveries, Target: "state=waiting", Label: "See the waiting deliveries"}
	case e.Health.Failures >= enoughFailures:
		p.State, p.Since, p.What = Failing, e.Health.FailingSince, "It fails: "+sentence(e.Health.Reason)
		p.Means = "The CRM is told late how calls end: " + waiting + " for a retry."
		p.Action = &Action{Kind: PauseEndpoint, Target: e.ID, Label: "Pause the webhook"}
	case f.Dead > 0:
		p.State, p.What = Failing, count(f.Dead, "delivery has", "deliveries have")+" failed for good."
		p.Means = "The CRM does not know how these calls ended."
		p.Action = &Action{Kind: ReplayDead, Target: "state=dead", Label: "Replay what failed for good"}
	}
	return p
}

func sentence(reason string) string {
	if reason == "" {
		return "its attempts are not answered."
	}
	return reason + "."
}
