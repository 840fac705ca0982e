import {
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useDisclosure } from "@mantine/hooks";
import type { WarningCode } from "@click2call/browser";
import { useState } from "react";
import { RunningClock } from "@/components/Time";
import { Meter } from "./Meter";
import type { Phone, PhoneState, PhoneView } from "./phone";
import classes from "./TestCall.module.css";

const words: Record<Exclude<PhoneState, "idle" | "ended">, string> = {
  opening: "Opening the call",
  joining: "Joining the room",
  dialing: "Dialing",
  ringing: "Ringing",
  answered: "Talking",
};

const warnings: Record<Exclude<WarningCode, "playback_blocked">, string> = {
  microphone_silent: "Your microphone gives no sound: is it muted?",
  microphone_lost: "Your microphone is gone: connect one",
  microphone_muted: "The system has muted your microphone",
  customer_silent: "Nothing is heard from the customer: on hold there, or gone",
};

const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The call while it lives: one large state, the clock, both meters, four round buttons. */
export function Handset({ phone, view, number }: { phone: Phone; view: PhoneView; number: string }) {
  const [keypad, { toggle }] = useDisclosure();
  const [pressed, setPressed] = useState("");
  const state = view.state as keyof typeof words;
  const call = view.call;
  const muted = call?.muted ?? false;
  const held = call?.onHold ?? false;
  const warning = call?.warnings.find((w) => w !== "playback_blocked");
  const [refused, setRefused] = useState("");
  const hold = () => {
    setRefused("");
    phone.setHeld(!held).catch((error: Error) => setRefused(error.message));
  };
  const press = (key: string) => {
    setPressed((was) => (was + key).slice(-16));
    phone.press(key).catch((error: Error) => setPressed(error.message));
  };
  return (
    <div className={classes.handset} data-state={state}>
      <p className={classes.who}>{number}</p>
      <p className={classes.state} role="status">
        {call?.reconnecting ? "Reconnecting" : held && state === "answered" ? "On hold" : words[state]}
      </p>
      <p className={classes.clock}>{call?.answeredAt ? <RunningClock since={call.answeredAt.toISOString()} /> : " "}</p>
      <div className={classes.meters}>
        <Meter track={muted ? null : (call?.microphone ?? null)} label="You" />
        <Meter track={call?.customer ?? null} label="Customer" />
      </div>
      {warning && (
        <p className={classes.silent} role="alert">
          {warnings[warning]}
        </p>
      )}
      {refused && (
        <p className={classes.silent} role="alert">
          {refused}
        </p>
      )}
      {keypad && (
        <div className={classes.keypad}>
          <output aria-label="Keys sent">{pressed || " "}</output>
          {keys.map((key) => (
            <button type="button" key={key} onClick={() => press(key)} disabled={state !== "answered"}>
              {key}
            </button>
          ))}
        </div>
      )}
      <div className={classes.buttons}>
        <button
          type="button"
          className={classes.round}
          aria-pressed={muted}
          onClick={() => void phone.setMuted(!muted)}
          disabled={!call?.microphone}
        >
          {muted ? <IconMicrophoneOff /> : <IconMicrophone />}
          <span>{muted ? "Unmute" : "Mute"}</span>
        </button>
        <button
          type="button"
          className={classes.round}
          aria-pressed={held}
          onClick={hold}
          disabled={state !== "answered"}
        >
          {held ? <IconPlayerPlay /> : <IconPlayerPause />}
          <span>{held ? "Resume" : "Hold"}</span>
        </button>
        <button type="button" className={classes.round} data-end onClick={() => phone.hangUp()}>
          <IconPhoneOff />
          <span>Hang up</span>
        </button>
        <button type="button" className={classes.round} aria-pressed={keypad} onClick={toggle}>
          <IconDialpad />
          <span>Keypad</span>
        </button>
      </div>
    </div>
  );
}
