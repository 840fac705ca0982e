import { DisconnectReason } from "livekit-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listDevices, resumeCall, startCall, type CallEvents } from "./index.js";
import { emit, posted, refuseMicrophone, rooms, stage, silence } from "./stage.js";

vi.mock("livekit-client", async (real) => (await import("./stage.js")).livekit(await real()));

const placed = { call_id: "c2c_one", ws_url: "wss://livekit.example", token: "first" };
const base = "https://c2c.example";

let said: string[];
const on = Object.fromEntries(
  (["ringing", "answered", "ended", "warning", "reconnecting"] as const).map((name) => [
    name,
    (d?: Partial<CallEvents["ended"] & CallEvents["warning"]>) =>
      said.push([name, d?.reason ?? d?.code].filter(Boolean).join(" ")),
  ]),
);

beforeEach(() => {
  vi.useFakeTimers();
  stage();
  said = [];
});
afterEach(() => void vi.useRealTimers());

async function begin() {
  const starting = startCall(placed, { base, on });
  await vi.advanceTimersByTimeAsync(1000);
  return starting;
}

test("a call: the room, the microphone, then the customer; the hang-up names the session", async () => {
  const call = await begin();
  expect(rooms[0]).toMatchObject({ url: placed.ws_url, token: "first", published: 1 });
  expect(posted()).toEqual(["POST connect"]);
  emit("customer", "active");
  expect(said).toEqual(["ringing", "answered"]);
  expect(call.view).toMatchObject({ phase: "answered", reconnecting: false });
  call.hangUp();
  call.hangUp();
  expect(posted()).toEqual(["POST connect", 'POST status {"status":"ANSWERED"}', 'POST hangup {"session":"PA_1"}']);
  expect(said.at(-1)).toBe("ended hung_up");
  expect(rooms[0]?.left).toBe(true);
  expect(await resumeCall({ base })).toBeNull();
});

test("a microphone that is refused: nothing has happened, and the start can be tried again", async () => {
  refuseMicrophone("NotAllowedError");
  await expect(startCall(placed, { base })).rejects.toMatchObject({ code: "microphone_refused" });
  expect([posted(), rooms]).toEqual([[], []]);
  refuseMicrophone(null);
  expect((await begin()).view.phase).toBe("ringing");
});

test("a microphone without a sound is said before the customer is dialed", async () => {
  silence(true);
  const starting = startCall(placed, {
    base,
    on: { ...on, warning: ({ code }) => said.push(`${code} after ${posted().join()}`) },
  });
  await vi.advanceTimersByTimeAsync(1000);
  await starting;
  expect(said[0]).toBe("microphone_silent after ");
});

test("a microphone that is unplugged is said, and said to be back", async () => {
  await begin();
  emit("microphone", "ended");
  emit("microphone", "restarted");
  expect(said.slice(1)).toEqual(["warning microphone_lost", "warning microphone_lost"]);
});

test("a dial that the server refuses ends the call, and the start fails with its code", async () => {
  stage({ connect: { status: 403, body: { code: "outside_calling_hours", detail: "Not now." } } });
  const starting = startCall(placed, { base, on });
  const failed = expect(starting).rejects.toMatchObject({ code: "outside_calling_hours", message: "Not now." });
  await vi.advanceTimersByTimeAsync(5000);
  await failed;
  expect(posted()).toEqual(["POST connect", 'POST hangup {"session":"PA_1"}']);
  expect(said).toEqual(["ended failed"]);
});

test("a dial without an answer is asked for again: sent twice, it dials once", async () => {
  stage({ connect: { status: 503, body: { code: "temporal_unavailable" } } });
  const starting = startCall(placed, { base, on });
  await vi.advanceTimersByTimeAsync(1000);
  stage.answers.connect = { status: 200, body: {} };
  await vi.advanceTimersByTimeAsync(2000);
  expect((await starting).view.phase).toBe("ringing");
});

test("a page that goes away says so by a beacon, leaves the room, and a reload comes back", async () => {
  await begin();
  emit("customer", "active");
  emit("page", "pagehide", { persisted: false });
  expect(posted().at(-1)).toBe('BEACON hangup {"session":"PA_1","back_within_seconds":5}');
  expect(rooms[0]?.left).toBe(true);

  stage.answers.record = {
    status: 200,
    body: { status: "answered", on_hold: true, answered_at: "2026-11-28T10:00:00Z" },
  };
  const back = await resumeCall({ base });
  expect(rooms[1]).toMatchObject({ token: "again" });
  expect(back?.view).toMatchObject({ phase: "answered", onHold: true, answeredAt: new Date("2026-11-28T10:00:00Z") });
  expect(posted().filter((p) => p === "POST connect")).toHaveLength(1);
});

test("a reload after the end comes back to nothing", async () => {
  await begin();
  emit("page", "pagehide", { persisted: false });
  stage.answers.token = { status: 409, body: { code: "call_ended" } };
  expect(await resumeCall({ base })).toBeNull();
  expect(await resumeCall({ base })).toBeNull();
  expect(posted().filter((p) => p === "POST token")).toHaveLength(1);
});

test("another installation's call is none to come back to", async () => {
  await begin();
  expect(await resumeCall({ base: "https://other.example" })).toBeNull();
});

test("a second tab takes over: this one lets go and sends nothing", async () => {
  await begin();
  const before = posted();
  emit("disconnected", DisconnectReason.DUPLICATE_IDENTITY);
  emit("page", "pagehide", { persisted: false });
  expect([posted(), said.at(-1)]).toEqual([before, "ended taken_over"]);
});

test("a laptop's sleep: back by a fresh token, as soon as there is a network, still muted", async () => {
  const call = await begin();
  emit("customer", "active");
  await call.mute();
  stage.answers.token = { status: 0, body: {} };
  emit("disconnected", DisconnectReason.SIGNAL_CLOSE);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(call.view).toMatchObject({ phase: "answered", reconnecting: true });
  stage.answers.token = { status: 200, body: { ws_url: placed.ws_url, token: "again" } };
  emit("page", "online");
  await vi.advanceTimersByTimeAsync(0);
  expect(call.view).toMatchObject({ phase: "answered", reconnecting: false, muted: true });
  expect(rooms.at(-1)).toMatchObject({ token: "again", muted: true });
  expect(said.slice(-2)).toEqual(["reconnecting", "reconnecting"]);
});

test("a sleep that was longer than the call: it is over", async () => {
  await begin();
  stage.answers.token = { status: 409, body: { code: "call_ended" } };
  emit("disconnected", DisconnectReason.SIGNAL_CLOSE);
  await vi.advanceTimersByTimeAsync(1000);
  expect(said.at(-1)).toBe("ended over");
});

test("the customer leaves: the server's word ends the call, and else the page's hang-up after two seconds", async () => {
  const call = await begin();
  emit("customer", "active");
  emit("customer", "left");
  await vi.advanceTimersByTimeAsync(1000);
  expect(call.view.phase).toBe("answered");
  await vi.advanceTimersByTimeAsync(2000);
  expect([posted().at(-1), said.at(-1)]).toEqual(['POST hangup {"session":"PA_1"}', "ended over"]);
});

test("the room is deleted: the record says how it ended, and nobody joins a new room", async () => {
  const call = await begin();
  stage.answers.record = { status: 200, body: { status: "ended", call_status: "NOT_ANSWERED" } };
  emit("disconnected", DisconnectReason.ROOM_DELETED);
  await vi.advanceTimersByTimeAsync(0);
  expect(said.at(-1)).toBe("ended over");
  expect(rooms).toHaveLength(1);
  expect(await call.outcome()).toMatchObject({ call_status: "NOT_ANSWERED" });
});

test("keys go one request after the other, and one that fails does not hold up the next", async () => {
  const call = await begin();
  stage.answers.dtmf = { status: 409, body: { code: "not_connected" } };
  const first = expect(call.sendDigits("1")).rejects.toMatchObject({ code: "not_connected" });
  const second = call.sendDigits("2");
  await first;
  stage.answers.dtmf = { status: 200, body: {} };
  await second.catch(() => undefined);
  expect(posted().slice(-2)).toEqual(['POST dtmf {"digits":"1"}', 'POST dtmf {"digits":"2"}']);
});

test("hold is what the server says, and one that is refused changes nothing", async () => {
  const call = await begin();
  emit("customer", "active");
  stage.answers.hold = { status: 200, body: { on_hold: true } };
  await call.hold();
  expect(call.view.onHold).toBe(true);
  stage.answers.unhold = { status: 409, body: { code: "not_connected" } };
  await expect(call.unhold()).rejects.toMatchObject({ code: "not_connected" });
  expect(call.view.onHold).toBe(true);
  stage.answers.unhold = { status: 200, body: { on_hold: false } };
  await call.unhold();
  expect(call.view.onHold).toBe(false);
  expect(posted().slice(2)).toEqual(["POST hold", "POST unhold", "POST unhold"]);
});

test("a customer on hold is not called silent: nothing is to be heard", async () => {
  const call = await begin();
  emit("customer", "active");
  emit("customer", "heard");
  stage.answers.hold = { status: 200, body: { on_hold: true } };
  await call.hold();
  emit("customer", "unheard");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(said).not.toContain("warning customer_silent");
  emit("customer", "heard");
  stage.answers.unhold = { status: 200, body: { on_hold: false } };
  await call.unhold();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(said.at(-1)).toBe("warning customer_silent");
});

test("a hang-up while the call begins ends it, and the room is left", async () => {
  const starting = startCall(placed, { base, onCall: (call) => call.hangUp() });
  await vi.advanceTimersByTimeAsync(1000);
  expect((await starting).view).toMatchObject({ phase: "ended", reason: "hung_up" });
  expect(posted()).toEqual(["POST hangup"]);
  expect(rooms.every((r) => r.left)).toBe(true);
});

test("devices are told apart, and those without a name of their own are left out", async () => {
  expect(await listDevices()).toEqual({
    microphones: [{ kind: "audioinput", deviceId: "m" }],
    speakers: [{ kind: "audiooutput", deviceId: "s" }],
  });
});
