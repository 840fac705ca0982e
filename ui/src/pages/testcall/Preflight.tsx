import { Alert, Button, Collapse, Select, TextInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMicrophoneOff, IconPhone } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";
import { Meter } from "./Meter";
import classes from "./TestCall.module.css";
import type { Microphone } from "./useMicrophone";

interface Props {
  microphone: Microphone;
  number: string;
  setNumber: (number: string) => void;
  start: (did: string) => void;
}

const troubles: Partial<Record<Microphone["state"], [title: string, text: string]>> = {
  refused: [
    "The microphone is blocked",
    "Allow it for this page in the browser's address bar, then load the page again. The far end would hear silence.",
  ],
  missing: ["No microphone was found", "Connect one, then load the page again."],
  insecure: ["Browsers give the microphone only to secure pages", "Open the console by https, or from localhost."],
};

/** Before the call: does the microphone work, and whom to call. */
export function Preflight({ microphone: mic, number, setNumber, start }: Props) {
  const [did, setDID] = useState("");
  const [more, { toggle }] = useDisclosure();
  const trouble = troubles[mic.state];
  const valid = /^[0-9]{10}$/.test(number);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (valid && mic.state === "ready") start(did.trim());
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <label className={classes.number}>
        <span>Number to call</span>
        <input
          value={number}
          onChange={(e) => setNumber(e.currentTarget.value.replace(/\D/g, "").slice(0, 10))}
          inputMode="tel"
          autoComplete="off"
          placeholder="9530251797"
          aria-describedby="number-hint"
        />
        <small id="number-hint">
          {valid ? "A real phone will ring." : number === "" ? "Exactly ten digits." : `${10 - number.length} more`}
        </small>
      </label>
      {trouble ? (
        <Alert color="red" icon={<IconMicrophoneOff size={18} />} title={trouble[0]} w="100%">
          {trouble[1]}
        </Alert>
      ) : (
        <div className={classes.mic}>
          <Meter track={mic.track} label="Your microphone" />
          {mic.devices.length > 1 && (
            <Select
              aria-label="Microphone"
              data={mic.devices.map((d) => ({ value: d.deviceId, label: d.label || "Microphone" }))}
              value={mic.deviceID ?? null}
              onChange={(v) => v && mic.choose(v)}
              mt="xs"
            />
          )}
          <small>
            {mic.state === "asking" ? "Grant mic access when prompted." : "Say something: the bar should move."}
          </small>
        </div>
      )}
      <Button
        type="submit"
        size="lg"
        color="green"
        radius="xl"
        disabled={!valid || mic.state !== "ready"}
        leftSection={<IconPhone size={20} />}
      >
        Call
      </Button>
      <UnstyledButton onClick={toggle} className={classes.more} aria-expanded={more}>
        Caller ID
      </UnstyledButton>
      <Collapse in={more} w="100%">
        <TextInput
          aria-label="Caller ID"
          placeholder="The trunk's default"
          value={did}
          onChange={(e) => setDID(e.currentTarget.value)}
        />
      </Collapse>
    </form>
  );
}
