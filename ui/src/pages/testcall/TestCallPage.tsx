import { Text } from "@mantine/core";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { Link, useSearchParams } from "react-router";
import { api, read } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { Empty, Page } from "@/components/Page";
import { Ended } from "./Ended";
import { Handset } from "./Handset";
import { Phone } from "./phone";
import { Preflight } from "./Preflight";
import classes from "./TestCall.module.css";
import { useMicrophone } from "./useMicrophone";

/** A real two-way call from this browser, by the same path as a live agent's. */
export function TestCallPage() {
  const may = useMay("operator");
  return (
    <Page
      title="Test call"
      sentence="A real two-way call from this browser — same path as a live agent. Grant mic access when prompted."
    >
      {may ? (
        <TestCall />
      ) : (
        <Empty title="Viewers make no calls">A test call rings a real phone. Ask an admin for the operator role.</Empty>
      )}
    </Page>
  );
}

function TestCall() {
  const [phone, setPhone] = useState(() => new Phone());
  const view = useSyncExternalStore(phone.subscribe, phone.getView);
  const microphone = useMicrophone(view.state === "idle");
  const [number, setNumber] = useState("");
  const [params] = useSearchParams();
  const trunkID = params.get("trunk_id");
  const trunk = useTrunks().data?.find((t) => t.trunk_id === trunkID);
  useEffect(() => () => phone.hangUp(), [phone]);
  const start = useCallback(
    (did: string) =>
      void phone.call(
        () =>
          read(
            api.POST("/api/admin/test-calls", {
              body: { customer_number: number, ...(did && { did }), ...(trunk && { trunk_id: trunk.trunk_id }) },
            }),
          ),
        microphone.deviceID,
      ),
    [phone, number, microphone.deviceID, trunk],
  );
  return (
    <div className={classes.columns}>
      <div className={classes.phone}>
        {trunk && (
          <Text size="sm" ta="center" c="dimmed">
            Through the trunk <b>{trunk.label}</b>
            {!trunk.enabled && ", which is disabled"}. <Link to="/test-call">Use the default</Link>
          </Text>
        )}
        {view.state === "idle" ? (
          <Preflight microphone={microphone} number={number} setNumber={setNumber} start={start} />
        ) : view.state === "ended" ? (
          <Ended callID={view.callID} error={view.error} number={number} again={() => setPhone(new Phone())} />
        ) : (
          <Handset phone={phone} view={view} number={number} />
        )}
      </div>
      <Steps state={view.state} />
    </div>
  );
}

const steps: [states: string[], text: string][] = [
  [
    ["opening", "joining"],
    "This page calls /click2call, joins the LiveKit room and publishes your mic — exactly like a real agent, before anyone is dialed.",
  ],
  [
    ["dialing", "ringing"],
    "/connect places the SIP call into the room. You hear ringing; the backend watches for the answer.",
  ],
  [["answered"], "On answer you get live two-way audio."],
  [["ended"], "Hang Up (or the customer dropping) finalizes the call and shows the exact CRM webhook."],
];

function Steps({ state }: { state: string }) {
  return (
    <ol className={classes.steps} aria-label="What happens">
      {steps.map(([states, text]) => (
        <li key={text} aria-current={states.includes(state) ? "step" : undefined}>
          {text}
        </li>
      ))}
    </ol>
  );
}
