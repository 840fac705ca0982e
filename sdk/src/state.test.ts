import { describe, expect, test } from "vitest";
import { next, start, type Effect, type Happening, type State } from "./state.js";

/** Plays what happens, one after the other, and returns how the call stands and what the last of it asked for. */
function play(from: State, ...happenings: Happening[]): { state: State; effects: Effect[] } {
  return happenings.reduce((step, h) => next(step.state, h), { state: from, effects: [] as Effect[] });
}

const talking: State = play(
  start,
  { type: "joined" },
  { type: "record", status: "ringing" },
  { type: "customer", status: "active" },
).state;
const ended = (step: { state: State }) => step.state.reason;

describe("a call from the first to the last", () => {
  test("dials when the agent is in the room with a microphone, and not before", () => {
    expect(play(start, { type: "shaky" }).effects).toEqual([]);
    expect(play(start, { type: "joined" })).toMatchObject({ state: { phase: "dialing" }, effects: ["dial"] });
    expect(play(start, { type: "joined" }, { type: "joined" }).effects).toEqual([]);
  });

  test("rings, is answered once, and never rings again", () => {
    expect(play(start, { type: "joined" }, { type: "customer", status: "ringing" }).state.phase).toBe("ringing");
    expect(talking.phase).toBe("answered");
    const again = play(talking, { type: "customer", status: "active" }, { type: "record", status: "ringing" });
    expect(again).toMatchObject({ state: { phase: "answered" }, effects: [] });
  });

  test("an answer that overtakes everything counts, and is reported", () => {
    const step = play(start, { type: "joined" }, { type: "customer", status: "active" });
    expect(step).toMatchObject({ state: { phase: "answered" }, effects: ["report_answer"] });
  });

  test("the agent hangs up, at any time, and what comes later changes nothing", () => {
    for (const state of [start, talking, { ...talking, line: "lost" as const }]) {
      const step = play(state, { type: "hang_up" });
      expect(step.effects).toEqual(["hang_up", "leave_room", "forget"]);
      expect(ended(step)).toBe("hung_up");
      const after = play(step.state, { type: "hang_up" }, { type: "page_hidden", kept: false }, { type: "joined" });
      expect(after).toEqual({ state: step.state, effects: [] });
    }
  });

  test("a start that fails ends the call", () => {
    expect(play(start, { type: "joined" }, { type: "failed" })).toMatchObject({
      state: { reason: "failed" },
      effects: ["hang_up", "leave_room", "forget"],
    });
  });
});

describe("the customer goes", () => {
  test("the server is asked, and its word ends the call", () => {
    const gone = play(talking, { type: "customer_left" });
    expect(gone).toMatchObject({ state: { phase: "answered" }, effects: ["look"] });
    expect(ended(play(gone.state, { type: "record", status: "ended" }))).toBe("over");
  });

  test("a customer who stays away is hung up for, as a page without the SDK does", () => {
    const step = play(talking, { type: "customer_left" }, { type: "customer_stays_away" });
    expect(step.effects).toEqual(["hang_up", "leave_room", "forget"]);
    expect(ended(step)).toBe("over");
  });

  test("a customer who comes back meanwhile is not", () => {
    const step = play(
      talking,
      { type: "customer_left" },
      { type: "customer", status: "active" },
      { type: "customer_stays_away" },
    );
    expect(step).toEqual({ state: talking, effects: [] });
  });

  test("a room that is deleted is a question to the server, too, not a way back into a new room", () => {
    const step = play(talking, { type: "disconnected", why: "removed" });
    expect(step).toMatchObject({ state: { phase: "answered", line: "up" }, effects: ["look"] });
    expect(ended(play(step.state, { type: "record", status: "ended" }))).toBe("over");
  });
});

describe("it survives the day", () => {
  test("a closed tab: the server is told, and waits whether the agent comes back", () => {
    const step = play(talking, { type: "page_hidden", kept: false });
    expect(step.effects).toEqual(["say_leaving", "leave_room"]);
    expect(step.state.phase).toBe("answered");
  });

  test("F5: the page that is loaded again asks for the record, joins, and dials nobody", () => {
    const step = play(start, { type: "record", status: "answered" }, { type: "joined" });
    expect(step).toMatchObject({ state: { phase: "answered" }, effects: [] });
  });

  test("F5 before anybody was dialed: the page that is loaded again dials", () => {
    expect(play(start, { type: "record", status: "created" }, { type: "joined" }).effects).toEqual(["dial"]);
  });

  test("F5 after the call was over: it stays over", () => {
    expect(ended(play(start, { type: "call_over" }))).toBe("over");
  });

  test("a page that the browser keeps is no end, and comes back when it is shown again", () => {
    const hidden = play(talking, { type: "page_hidden", kept: true });
    expect(hidden.effects).toEqual(["leave_room"]);
    const shown = play(hidden.state, { type: "page_shown", kept: true });
    expect(shown.effects).toEqual(["rejoin"]);
    expect(play(shown.state, { type: "rejoined" }).state).toEqual(talking);
  });

  test("the first showing of a page is nothing", () => {
    expect(play(talking, { type: "page_shown", kept: false })).toEqual({ state: talking, effects: [] });
  });

  test("a second tab takes over, and the first lets go without a hang-up", () => {
    const step = play(talking, { type: "disconnected", why: "replaced" });
    expect(step.effects).toEqual(["leave_room", "forget"]);
    expect(ended(step)).toBe("taken_over");
    expect(play(step.state, { type: "page_hidden", kept: false }).effects).toEqual([]);
  });

  test("another network: LiveKit counts everybody out and in again, and nobody is taken to have left", () => {
    expect(play(talking, { type: "shaky" }, { type: "customer_left" })).toEqual({
      state: { ...talking, line: "shaky" },
      effects: [],
    });
    const step = play(
      talking,
      { type: "shaky" },
      { type: "customer_left" },
      { type: "customer", status: "active" },
      { type: "steady", customerHere: true },
    );
    expect(step).toEqual({ state: talking, effects: [] });
  });

  test("another network, and the customer hung up meanwhile: the server is asked", () => {
    const step = play(talking, { type: "shaky" }, { type: "steady", customerHere: false });
    expect(step).toMatchObject({ state: { phase: "answered", customerGone: true }, effects: ["look"] });
  });

  test("another network while it rings: a customer who is not counted in yet is no customer who left", () => {
    const ringing = play(start, { type: "joined" }, { type: "record", status: "ringing" }).state;
    expect(play(ringing, { type: "shaky" }, { type: "steady", customerHere: false }).effects).toEqual([]);
  });

  test("a laptop's sleep: LiveKit gives up, and the page comes back by a fresh token", () => {
    const lost = play(talking, { type: "shaky" }, { type: "disconnected", why: "lost" });
    expect(lost).toMatchObject({ state: { phase: "answered", line: "lost" }, effects: ["rejoin"] });
    expect(play(lost.state, { type: "disconnected", why: "lost" }).effects).toEqual([]);
    expect(play(lost.state, { type: "rejoined" }).state).toEqual(talking);
  });

  test("a sleep that was too long: the server says that the call is over", () => {
    expect(ended(play(talking, { type: "disconnected", why: "lost" }, { type: "call_over" }))).toBe("over");
  });

  test("nobody can be reached any more: the page says so, and asks for the end", () => {
    const step = play(talking, { type: "disconnected", why: "lost" }, { type: "unreachable" });
    expect(ended(step)).toBe("connection_lost");
    expect(step.effects).toContain("hang_up");
  });
});
