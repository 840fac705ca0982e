import {
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useDisclosure } from "@mantine/hooks";
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
  talking: "Talking",
};

const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The call while it lives: one large state, the clock, both meters, four round buttons. */
export function Handset({ phone, view, number }: { phone: Phone; view: PhoneView; number: string }) {
  const [keypad, { toggle }] = useDisclosure();
  const [pressed, setPressed] = useState("");
  const state = view.state as keyof typeof words;
  const [refused, setRefused] = useState("");
  const hold = () => {
    setRefused("");
    phone.setHeld(!view.held).catch((error: Error) => setRefused(error.message));
  };
  const press = (key: string) => {
    setPressed((was) => (was + key).slice(-16));
    phone.press(key).catch((error: Error) => setPressed(error.message));
  };
  return (
    <div className={classes.handset} data-state={state}>
      <p className={classes.who}>{number}</p>
      <p className={classes.state} role="status">
        {view.held && state === "talking" ? "On hold" : words[state]}
      </p>
      <p className={classes.clock}>{view.answeredAt ? <RunningClock since={view.answeredAt} /> : " "}</p>
      <div className={classes.meters}>
        <Meter track={view.muted ? null : view.mine} label="You" />
        <Meter track={view.theirs} label="Customer" />
      </div>
      {view.silent && (
        <p className={classes.silent} role="alert">
          Nothing is heard from the customer: on hold there, or gone
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
            <button type="button" key={key} onClick={() => press(key)} disabled={state !== "talking"}>
              {key}
            </button>
          ))}
        </div>
      )}
      <div className={classes.buttons}>
        <button
          type="button"
          className={classes.round}
          aria-pressed={view.muted}
          onClick={() => void phone.setMuted(!view.muted)}
          disabled={view.mine === null && !view.muted}
        >
          {view.muted ? <IconMicrophoneOff /> : <IconMicrophone />}
          <span>{view.muted ? "Unmute" : "Mute"}</span>
        </button>
        <button
          type="button"
          className={classes.round}
          aria-pressed={view.held}
          onClick={hold}
          disabled={state !== "talking"}
        >
          {view.held ? <IconPlayerPlay /> : <IconPlayerPause />}
          <span>{view.held ? "Resume" : "Hold"}</span>
        </button>
        <button type="button" className={classes.round} data-end onClick={() => void phone.hangUp()}>
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
