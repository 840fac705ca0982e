import type { LocalAudioTrack } from "livekit-client";
import type { CallEvents, CallRecord, CallView, Listener, WarningCode } from "./events.js";
import { Line, type LineListener } from "./line.js";
import { forget, remember } from "./memory.js";
import { isSilent, openMicrophone } from "./microphone.js";
import { watchPage } from "./page.js";
import { CallError, saysOver, Server, type PlacedCall } from "./server.js";
import { next, start, type Effect, type Happening, type State } from "./state.js";

/** How a call is started. */
export interface CallOptions {
  /** The address of this click2call installation, such as https://c2c.example.com. */
  base: string;
  /** The microphone and the speaker, by MediaDeviceInfo.deviceId; the system's own when left out. */
  microphoneId?: string;
  speakerId?: string;
  /** Listeners from the very first moment: what is said before startCall returns is heard here alone. */
  on?: { [K in keyof CallEvents]?: Listener<K> };
  /** Gets the call before it is joined and dialed: to show it meanwhile, and to let the agent hang up. */
  onCall?: (call: Call) => void;
  /** How long, in seconds, a page that is loaded again may take to come back before the call ends: 5 when left out, at most 20, 0 when it never does. */
  backWithin?: number;
}

const lookEvery = 500; // ms
const looksForEnd = 4; // before a customer who is not there has left
const looksForOutcome = 20;
const rejoinDelays = [0, 500, 1000, 2000, 3000, 5000]; // ms, the last one again and again
const giveUpAfter = 120_000; // ms without a way back
const connectTries = 4;

const fresh: CallView = {
  phase: "joining",
  reconnecting: false,
  answeredAt: null,
  muted: false,
  onHold: false,
  warnings: [],
  quality: "unknown",
  reason: null,
  error: null,
  microphone: null,
  customer: null,
};

/** A call of this page's agent. startCall and resumeCall make one. It does what the rules in state.ts say. */
export class Call {
  private state: State = start;
  private now: CallView = fresh;
  private line: Line | null = null;
  private readonly server: Server;
  private readonly listeners = new Map<string, Set<(detail: never) => void>>();
  private readonly watchers = new Set<() => void>();
  private readonly unwatchPage: () => void;
  private keys: Promise<unknown> = Promise.resolve();
  private looking = false;
  private rejoining = false;
  private wake = () => {};

  constructor(
    readonly id: string,
    private readonly options: CallOptions,
  ) {
    this.server = new Server(options.base, id);
    for (const [type, listener] of Object.entries(options.on ?? {}))
      this.on(type as keyof CallEvents, listener as Listener<keyof CallEvents>);
    this.unwatchPage = watchPage(
      window,
      (h) => void this.happen(h),
      () => this.wake(),
    );
  }

  /** LiveKit's name of this page's session in the room, "" before the first; what a hang-up of its own names. */
  get session(): string {
    return this.line?.session ?? "";
  }

  /** Hears an event. It returns what ends the hearing. */
  on<K extends keyof CallEvents>(type: K, listener: Listener<K>): () => void {
    const all = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, all.add(listener));
    return () => void all.delete(listener);
  }

  /** The call as it stands, and word of each change: what React's useSyncExternalStore wants. */
  get view(): CallView {
    return this.now;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  };

  /** Mutes the microphone, or opens it again. The customer hears silence meanwhile. */
  async mute(muted = true): Promise<void> {
    await this.line?.mute(muted);
    this.set({ muted });
  }

  /** Has the customer's end hear telephone keys, `0-9*#ABCD`, after those that were sent before. */
  sendDigits(digits: string): Promise<void> {
    const sent = this.keys.then(() => this.server.post("dtmf", { digits }));
    this.keys = sent.catch(() => undefined);
    return sent.then(() => undefined);
  }

  /** Puts the customer on hold: neither hears the other, and the customer hears music. */
  hold = () => this.setHold("hold");
  unhold = () => this.setHold("unhold");

  private async setHold(verb: "hold" | "unhold"): Promise<void> {
    const { on_hold } = await this.server.post<{ on_hold: boolean }>(verb);
    this.set({ onHold: on_hold });
  }

  /** Ends the call. Idempotent. */
  hangUp(): void {
    void this.happen({ type: "hang_up" });
  }

  /** Goes on with another microphone or speaker. False when the browser did not take it. */
  async useMicrophone(deviceId: string): Promise<boolean> {
    const taken = (await this.line?.useMicrophone(deviceId)) ?? false;
    if (taken) this.options.microphoneId = deviceId;
    return taken;
  }

  async useSpeaker(deviceId: string): Promise<boolean> {
    const taken = (await this.line?.useSpeaker(deviceId)) ?? false;
    if (taken) this.options.speakerId = deviceId;
    return taken;
  }

  /** Call it in a click after the warning `playback_blocked`. */
  async resumeSound(): Promise<void> {
    await this.line?.resumeSound();
  }

  /** How the call ended, as soon as the server has written it down; null when it has not within ten seconds. */
  async outcome(): Promise<CallRecord | null> {
    for (let i = 0; i < looksForOutcome; i++) {
      const record = await this.server.record().catch(() => null);
      if (record?.status === "ended") return record;
      await pause(lookEvery);
    }
    return null;
  }

  /** Joins with a microphone that is open, and has the customer dialed. Used once, by startCall. */
  async begin(placed: PlacedCall, microphone: LocalAudioTrack): Promise<void> {
    remember({ callID: this.id, base: this.options.base });
    try {
      const silent = isSilent(microphone.mediaStreamTrack).catch(() => false);
      await this.join(placed, microphone);
      if (await silent) this.warn("microphone_silent", true);
    } catch (error) {
      this.fail(error);
      throw error;
    }
    await this.happen({ type: "joined" });
    if (this.now.error) throw this.now.error;
  }

  /** Comes back into a call that this tab had. Used once, by resumeCall. False when it is over. */
  async comeBack(): Promise<boolean> {
    const opening = openMicrophone(this.options.microphoneId);
    try {
      const [record, token] = await Promise.all([this.server.record(), this.server.post<PlacedCall>("token")]);
      this.show(record);
      await this.join(token, await opening);
      await this.happen({ type: "joined" });
      return true;
    } catch (error) {
      opening.then((microphone) => microphone.stop()).catch(() => undefined);
      this.line?.leave();
      this.unwatchPage();
      if (!saysOver(error)) throw error;
      forget(this.id);
      return false;
    }
  }

  private over(): boolean {
    return this.state.phase === "ended";
  }

  private show(record: CallRecord): void {
    this.set({ onHold: record.on_hold, answeredAt: record.answered_at ? new Date(record.answered_at) : null });
    void this.happen({ type: "record", status: record.status });
  }

  private async join({ ws_url, token }: Pick<PlacedCall, "ws_url" | "token">, microphone: LocalAudioTrack) {
    if (this.over()) return microphone.stop(); // hung up meanwhile
    this.line?.leave();
    const line: Line = new Line(
      microphone,
      this.lineListener((): boolean => this.line === line),
      this.options.speakerId,
    );
    this.line = line;
    if (this.now.muted) await line.mute(true);
    await line.join(ws_url, token);
    if (this.over()) line.leave();
  }

  /** What a line says counts while it is this call's. */
  private lineListener(isMine: () => boolean): LineListener {
    const mine =
      <A extends unknown[]>(hear: (...a: A) => void) =>
      (...a: A) =>
        isMine() && hear(...a);
    return {
      happen: mine((h) => void this.happen(h)),
      warn: mine((code, active) => this.warn(code, active)),
      quality: mine((side, quality) => {
        if (side === "agent") this.set({ quality });
        this.emit("quality", { side, quality });
      }),
      sound: mine((side, track) => this.set({ [side]: track })),
      devices: mine(() => this.emit("devices", undefined)),
    };
  }

  /** Takes the step that the rules want. It returns when what was to be done is done, or has failed. */
  private happen(happening: Happening): Promise<unknown> {
    const before = this.state;
    const { state, effects } = next(before, happening);
    this.state = state;
    if (state !== before) this.showStep(before, state);
    return Promise.all(effects.map((effect) => this.carryOut(effect)));
  }

  private showStep(before: State, state: State): void {
    const { phase, line } = state;
    const reconnecting = phase !== "ended" && line !== "up";
    const answeredAt = phase === "answered" ? (this.now.answeredAt ?? new Date()) : this.now.answeredAt;
    this.set({ phase, reconnecting, answeredAt, reason: state.reason ?? null });
    if (reconnecting !== (before.line !== "up")) this.emit("reconnecting", { active: reconnecting });
    if (phase === before.phase) return;
    if (phase === "ringing") this.emit("ringing", undefined);
    if (phase === "answered" && answeredAt) this.emit("answered", { at: answeredAt });
    if (phase === "ended" && state.reason) {
      this.unwatchPage();
      this.wake();
      this.emit("ended", { reason: state.reason, error: this.now.error });
    }
  }

  private carryOut(effect: Effect): Promise<unknown> {
    switch (effect) {
      case "dial":
        return this.dial();
      case "report_answer": // only a hint: the dial itself knows
        return this.server.post("status", { status: "ANSWERED" }).catch(() => undefined);
      case "look":
        return this.lookForEnd();
      case "rejoin":
        return this.rejoin();
      case "say_leaving":
        this.server.sayLeaving(this.session || "none", this.options.backWithin ?? 5);
        return Promise.resolve();
      case "hang_up":
        return this.server.post("hangup", this.session ? { session: this.session } : undefined).catch(() => undefined);
      case "leave_room":
        this.line?.leave();
        return Promise.resolve();
      case "forget":
        forget(this.id);
        return Promise.resolve();
    }
  }

  /** /connect, again when no answer came: sent twice, it dials once. */
  private async dial(): Promise<void> {
    for (let i = 1; ; i++) {
      try {
        await this.server.post("connect");
        await this.happen({ type: "record", status: "ringing" });
        return;
      } catch (error) {
        const { status = 0, code = "" } = error instanceof CallError ? error : {};
        const passing = status === 0 || status >= 500 || code === "agent_not_in_room";
        if (saysOver(error)) return void this.happen({ type: "call_over" });
        if (!passing || i === connectTries || this.over()) return this.fail(error);
        await pause(lookEvery * i);
      }
    }
  }

  /** Asks what became of the call after the customer, or the room, was seen to go. */
  private async lookForEnd(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const line = this.line;
    try {
      for (let i = 0; i < looksForEnd && this.state.customerGone; i++) {
        const record = await this.server.record().catch(() => null);
        if (record?.status === "ended") return void this.happen({ type: "record", status: "ended" });
        await pause(lookEvery);
      }
    } finally {
      this.looking = false;
    }
    if (!this.state.customerGone || line !== this.line) return;
    void this.happen(line?.connected ? { type: "customer_stays_away" } : { type: "disconnected", why: "lost" });
  }

  /** Comes back into the room by a fresh token, until it works, the server says that the call is over, or too long has passed. */
  private async rejoin(): Promise<void> {
    if (this.rejoining) return;
    this.rejoining = true;
    const since = Date.now();
    try {
      for (let i = 0; this.state.line === "lost"; i++) {
        await this.pauseUntilWoken(rejoinDelays[Math.min(i, rejoinDelays.length - 1)] ?? 0);
        try {
          const token = await this.server.post<PlacedCall>("token");
          await this.join(token, await openMicrophone(this.options.microphoneId));
          await this.happen({ type: "rejoined" });
        } catch (error) {
          if (saysOver(error)) void this.happen({ type: "call_over" });
          else if (Date.now() - since > giveUpAfter) void this.happen({ type: "unreachable" });
        }
      }
    } finally {
      this.rejoining = false;
    }
  }

  private pauseUntilWoken(ms: number): Promise<void> {
    return Promise.race([pause(ms), new Promise<void>((done) => (this.wake = done))]);
  }

  private fail(error: unknown): void {
    this.set({ error: error instanceof Error ? error : new Error(String(error)) });
    void this.happen({ type: "failed" });
  }

  private warn(code: WarningCode, active: boolean): void {
    if (code === "customer_silent" && active && this.now.onHold) return; // of course
    if (this.now.warnings.includes(code) === active) return;
    const others = this.now.warnings.filter((w) => w !== code);
    this.set({ warnings: active ? [...others, code] : others });
    this.emit("warning", { code, active });
  }

  private set(change: Partial<CallView>): void {
    this.now = { ...this.now, ...change };
    for (const changed of this.watchers) changed();
  }

  private emit<K extends keyof CallEvents>(type: K, detail: CallEvents[K]): void {
    for (const listener of this.listeners.get(type) ?? []) {
      try {
        (listener as Listener<K>)(detail);
      } catch (error) {
        reportError(error); // a listener's mistake is its page's to see, and no call's to end by
      }
    }
  }
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
