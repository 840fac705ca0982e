// What the tests of a call play on: a browser and LiveKit's SDK with nothing behind them. It is in no build.
import { vi } from "vitest";
import type * as livekitClient from "livekit-client";

interface Answer {
  status: number; // 0: nobody answers
  body: object;
}

class Emitter {
  private readonly heard = new Map<string, ((...details: unknown[]) => void)[]>();
  on(name: string, hear: (...details: unknown[]) => void): this {
    this.heard.set(name, [...(this.heard.get(name) ?? []), hear]);
    return this;
  }
  say(name: string, ...details: unknown[]): void {
    for (const hear of this.heard.get(name) ?? []) hear(...details);
  }
}

class FakeRoom extends Emitter {
  url = "";
  token = "";
  published = 0;
  left = false;
  muted = false;
  state = "disconnected";
  readonly remoteParticipants = new Map<string, { identity: string; attributes: Record<string, string> }>();
  readonly localParticipant = {
    sid: "",
    publishTrack: (track: FakeTrack) => {
      this.published++;
      this.muted = track.muted;
      return Promise.resolve();
    },
  };
  constructor() {
    super();
    rooms.push(this);
  }
  connect(url: string, token: string): Promise<void> {
    Object.assign(this, { url, token, state: "connected" });
    this.localParticipant.sid = `PA_${rooms.length}`;
    return Promise.resolve();
  }
  disconnect(): Promise<void> {
    this.left = true;
    this.state = "disconnected";
    return Promise.resolve();
  }
}

class FakeTrack extends Emitter {
  muted = false;
  readonly mediaStreamTrack = {};
  stop(): void {}
  mute(): Promise<void> {
    this.muted = true;
    return Promise.resolve();
  }
}

/** A customer's sound of which nothing comes: its statistics count no packets. */
class FakeCustomerTrack extends Emitter {
  readonly kind = "audio";
  readonly mediaStreamTrack = {};
  detach = () => [];
  attach = () => ({});
  once = () => this;
  getRTCStatsReport = () => Promise.resolve(new Map([["a", { type: "inbound-rtp", packetsReceived: 7 }]]));
}

let customerTrack: FakeCustomerTrack | null = null;

export const rooms: FakeRoom[] = [];
let microphone: FakeTrack | null = null;
let refusal: string | null = null;
let quiet = false;
let page = new EventTarget();
let sent: string[] = [];

/** LiveKit's SDK with its rooms and microphones replaced. */
export const livekit = (real: typeof livekitClient) => ({
  ...real,
  Room: FakeRoom,
  createLocalAudioTrack: () =>
    refusal
      ? Promise.reject(Object.assign(new Error("no"), { name: refusal }))
      : Promise.resolve((microphone = new FakeTrack())),
});

/** Sets a new stage. The answers may be changed while it is played. */
export function stage(answers: Record<string, Answer> = {}): void {
  rooms.length = 0;
  sent = [];
  [refusal, quiet, page] = [null, false, new EventTarget()];
  stage.answers = {
    token: { status: 200, body: { ws_url: "wss://livekit.example", token: "again" } },
    record: { status: 200, body: { status: "ringing", on_hold: false, answered_at: null } },
    ...answers,
  };
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (k: string) => kept.get(k) ?? null,
    setItem: (k: string, v: string) => kept.set(k, v),
    removeItem: (k: string) => kept.delete(k),
  });
  vi.stubGlobal("window", page);
  vi.stubGlobal("document", { body: { append: () => undefined } });
  vi.stubGlobal("AudioContext", FakeEar);
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal("navigator", {
    mediaDevices: {
      enumerateDevices: () =>
        Promise.resolve([
          { kind: "audioinput", deviceId: "m" },
          { kind: "audioinput", deviceId: "" },
          { kind: "audiooutput", deviceId: "s" },
          { kind: "videoinput", deviceId: "v" },
        ]),
    },
    sendBeacon: (url: string, body: string) => sent.push(`BEACON ${verbOf(url)} ${body}`),
  });
  vi.stubGlobal("fetch", answer);
}
stage.answers = {} as Record<string, Answer>;

const verbOf = (url: string) => /calls\/[^/]+\/?(.*)$/.exec(url)?.[1] || "record";

function answer(url: string, init: RequestInit): Promise<Response> {
  const verb = verbOf(url);
  if (init.method === "POST") sent.push(["POST", verb, init.body as string | undefined].filter(Boolean).join(" "));
  const { status, body } = stage.answers[verb] ?? { status: 200, body: {} };
  return status === 0
    ? Promise.reject(new TypeError("Failed to fetch"))
    : Promise.resolve(new Response(JSON.stringify(body), { status }));
}

/** A microphone's sound, as an AudioContext hears it. */
class FakeEar {
  state = "running";
  createAnalyser = () => ({ fftSize: 8, getFloatTimeDomainData: (s: Float32Array) => s.fill(quiet ? 0 : 0.001) });
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = () => Promise.resolve();
}

/** What was sent to the server, in order; looks at the record are left aside. */
export const posted = (): string[] => [...sent];

export const refuseMicrophone = (name: string | null) => void (refusal = name);
export const silence = (on: boolean) => void (quiet = on);

/** Has the world say something. */
export function emit(who: "customer" | "microphone" | "disconnected" | "page", what: unknown, more: object = {}): void {
  const room = rooms.at(-1);
  const customer = { identity: "sip_one", attributes: { "sip.callStatus": String(what) } };
  if (who === "page") page.dispatchEvent(Object.assign(new Event(String(what)), more));
  else if (who === "microphone") microphone?.say(String(what));
  else if (who === "disconnected") {
    if (room) room.state = "disconnected";
    room?.say("disconnected", what);
  } else if (what === "heard") room?.say("trackSubscribed", (customerTrack = new FakeCustomerTrack()), {}, customer);
  else if (what === "unheard") room?.say("trackUnsubscribed", customerTrack, {}, customer);
  else if (what === "left") room?.say("participantDisconnected", customer);
  else room?.say("participantAttributesChanged", {}, customer);
}
