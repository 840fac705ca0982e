import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { Section } from "@/components/Page";
import classes from "./Checklist.module.css";

type Step = Schema<"SetupStep">["step"];

const steps: Record<Step, { title: string; why: string; go: string; to: string }> = {
  livekit: {
    title: "Connect LiveKit",
    why: "Calls take place in its rooms. Enter its URL, API key and secret; saving tries them.",
    go: "Open Settings",
    to: "/settings",
  },
  trunk: {
    title: "Add a trunk",
    why: "Calls leave by it: choose one of LiveKit's SIP trunks, and give it a caller ID.",
    go: "Add a trunk",
    to: "/trunks/new",
  },
  webhook: {
    title: "Set the webhook URL",
    why: "Your CRM is told there how each call ended.",
    go: "Set the URL",
    to: "/settings#webhook",
  },
  api_key: {
    title: "Create an API key",
    why: "Your CRM opens calls with it. It is shown once; hand it on with the integration guide.",
    go: "Create a key",
    to: "/access?tab=keys",
  },
  first_call: {
    title: "Make a test call",
    why: "Call your own phone from this browser and pick up: the last tick is an answered call.",
    go: "Make a test call",
    to: "/test-call",
  },
};

/** What a new installation still needs, in order. It ticks itself, and the server leaves it out once all is done. */
export function Checklist({ setup }: { setup: Schema<"Setup"> }) {
  const done = setup.steps.filter((s) => s.done).length;
  const next = setup.steps.find((s) => !s.done)?.step;
  return (
    <div className={classes.checklist}>
      <Section
        title="Set up this installation"
        sentence={`${done} of ${setup.steps.length} done. Each step ticks itself.`}
      >
        <ol>
          {setup.steps.map(({ step, done }) => (
            <li key={step} data-done={done || undefined} aria-current={step === next ? "step" : undefined}>
              {done ? (
                <IconCircleCheckFilled size={20} role="img" aria-label="Done" />
              ) : (
                <IconCircle size={20} role="img" aria-label="To do" />
              )}
              <div>
                <b>{steps[step].title}</b>
                {!done && <p>{steps[step].why}</p>}
              </div>
              {!done && (
                <Link to={steps[step].to} data-next={step === next || undefined}>
                  {steps[step].go}
                </Link>
              )}
            </li>
          ))}
        </ol>
      </Section>
    </div>
  );
}
