import { ConnectionState, Room, RoomEvent, Track, type RemoteParticipant, type RemoteTrack } from "livekit-client";
import { problemOf, ProblemError } from "@/api/client";
import { packetsOf, watchSilence } from "./silence";
import type { Schema } from "@/api/client";

/** Where a test call stands. */
export type PhoneState = "idle" | "opening" | "joining" | "dialing" | "ringing" | "talking" | "ended";

/** What the page shows of a test call. */
export interface PhoneView {
  state: PhoneState;
  callID: string | null;
  answeredAt: string | null;
  muted: boolean;
  /** The customer is on hold: hears music, and neither side the other. */
  held: boolean;
  /** Nothing at all comes from the customer: on hold there, or gone. */
  silent: boolean;
  error: Error | null;
  /** The two sides' sound, for the meters. */
  mine: MediaStreamTrack | null;
  theirs: MediaStreamTrack | null;
}

const idle: PhoneView = {
  state: "idle",
  callID: null,
  answeredAt: null,
  muted: false,
  held: false,
  silent: false,
  error: null,
  mine: null,
  theirs: null,
};

const isCustomer = (p: { identity: string }) => p.identity.startsWith("sip");

/**
 * A phone in the browser that does what the integration guide's snippet does, step by step: join the room, publish the
 * microphone, then ask to dial. It is made for one call.
 */
export class Phone {
  private view: PhoneView = idle;
  private room: Room | null = null;
  private readonly listeners = new Set<() => void>();
  private stopWatching = () => {};
  private keys: Promise<void> = Promise.resolve();
  private readonly audio = Object.assign(document.createElement("audio"), { autoplay: true });

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getView = (): PhoneView => this.view;

  private set(change: Partial<PhoneView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) listener();
  }

  /** Opens the call by open, which takes the same path as a CRM's request, and dials. */
  async call(open: () => Promise<Schema<"TestCall">>, deviceID: string | undefined): Promise<void> {
    this.set({ ...idle, state: "opening" });
    try {
      const { call_id, ws_url, token } = await open();
      this.set({ state: "joining", callID: call_id });
      const room = this.newRoom(deviceID);
      await room.connect(ws_url, token);
      const published = await room.localParticipant.setMicrophoneEnabled(true, {
        deviceId: deviceID,
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
      });
      this.set({ state: "dialing", mine: published?.track?.mediaStreamTrack ?? null });
      await this.post("connect");
      if (this.view.state === "dialing") this.set({ state: "ringing" });
    } catch (error) {
      this.set({ error: error instanceof Error ? error : new Error(String(error)) });
      await this.hangUp();
    }
  }

  private newRoom(deviceID: string | undefined): Room {
    const room = new Room({ audioCaptureDefaults: { deviceId: deviceID } });
    this.room = room;
    room.on(RoomEvent.TrackSubscribed, (track: RemoteTrack, _publication, participant) => {
      if (track.kind !== Track.Kind.Audio || !isCustomer(participant)) return;
      track.attach(this.audio);
      this.set({ theirs: track.mediaStreamTrack });
      this.stopWatching();
      this.stopWatching = watchSilence(
        async () => packetsOf(await track.getRTCStatsReport()),
        (silent) => this.set({ silent: silent && this.view.state === "talking" && !this.view.held }),
      );
    });
    room.on(RoomEvent.ParticipantConnected, (p) => this.look(p));
    room.on(RoomEvent.ParticipantAttributesChanged, (_changed, p) => this.look(p as RemoteParticipant));
    room.on(RoomEvent.ParticipantDisconnected, (p) => {
      if (isCustomer(p)) void this.hangUp();
    });
    room.on(RoomEvent.Disconnected, () => this.end());
    return room;
  }

  /** Reads the customer's leg: "active" is the answer, and is reported as the snippet reports it. */
  private look(p: RemoteParticipant): void {
    if (!isCustomer(p) || this.view.state === "ended") return;
    const status = p.attributes["sip.callStatus"];
    if (status === "ringing" && this.view.state === "dialing") this.set({ state: "ringing" });
    if (status === "active" && this.view.state !== "talking") {
      this.set({ state: "talking", answeredAt: new Date().toISOString() });
      void this.post("status", { status: "ANSWERED" }).catch(() => undefined); // only a hint: the dial itself knows
    }
  }

  /** Mutes or unmutes the microphone. */
  async setMuted(muted: boolean): Promise<void> {
    const track = this.room?.localParticipant.getTrackPublication(Track.Source.Microphone)?.track;
    await (muted ? track?.mute() : track?.unmute());
    this.set({ muted });
  }

  /** Puts the customer on hold, or takes them off it. */
  async setHeld(held: boolean): Promise<void> {
    await this.post(held ? "hold" : "unhold");
    this.set({ held });
  }

  /** Sends one key of the keypad to the far end, after those before it: the page itself may send no data into the room. */
  press(digit: string): Promise<void> {
    const sent = this.keys.then(() => this.post("dtmf", { digits: digit }));
    this.keys = sent.catch(() => undefined);
    return sent;
  }

  /** Ends the call. Idempotent. */
  async hangUp(): Promise<void> {
    if (this.view.state === "ended") return;
    this.end();
    if (this.view.callID) await this.post("hangup").catch((error: Error) => this.set({ error }));
    if (this.room && this.room.state !== ConnectionState.Disconnected) await this.room.disconnect();
  }

  /** Says to the server, while the page goes away, that the call should end. */
  readonly flush = (): void => {
    if (this.view.callID && this.view.state !== "ended")
      navigator.sendBeacon(`/api/c2c/calls/${this.view.callID}/hangup`);
  };

  private end(): void {
    this.stopWatching();
    this.audio.srcObject = null;
    this.set({ state: "ended", silent: false, mine: null, theirs: null });
  }

  private async post(what: "connect" | "dtmf" | "hangup" | "hold" | "status" | "unhold", body?: object): Promise<void> {
    const response = await fetch(`/api/c2c/calls/${this.view.callID}/${what}`, {
      method: "POST",
      keepalive: what !== "connect",
      ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new ProblemError(await problemOf(response));
  }
}
