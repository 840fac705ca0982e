import {
  ConnectionState,
  DisconnectReason,
  Room,
  RoomEvent,
  Track,
  TrackEvent,
  type LocalAudioTrack,
  type Participant,
  type RemoteTrack,
} from "livekit-client";
import type { Quality, WarningCode } from "./events.js";
import { packetsOf, watchSilence } from "./silence.js";
import type { Happening } from "./state.js";

/** What a line tells of. */
export interface LineListener {
  happen: (h: Happening) => void;
  warn: (code: WarningCode, active: boolean) => void;
  quality: (side: "agent" | "customer", quality: Quality) => void;
  /** The sound of either side, for meters; null when there is none. */
  sound: (side: "microphone" | "customer", track: MediaStreamTrack | null) => void;
  devices: () => void;
}

const isCustomer = (p: { identity: string }) => p.identity.startsWith("sip");

/** One session in the call's room: it lasts until the page leaves, or LiveKit's SDK gives up to come back. */
export class Line {
  private readonly room: Room;
  private playing: RemoteTrack | null = null;
  private stopWatching = () => {};
  private left = false;

  constructor(
    private readonly microphone: LocalAudioTrack,
    private readonly tell: LineListener,
    speakerId: string | undefined,
  ) {
    // LiveKit's SDK would leave at beforeunload, which a mailto: link brings, too.
    this.room = new Room({
      disconnectOnPageLeave: false,
      ...(speakerId && { audioOutput: { deviceId: speakerId } }),
    });
    this.hearRoom();
    this.hearMicrophone();
  }

  /** Joins the room and brings the microphone. It fails when either does not work. */
  async join(url: string, token: string): Promise<void> {
    await this.room.connect(url, token);
    await this.room.localParticipant.publishTrack(this.microphone, { source: Track.Source.Microphone });
    this.tell.sound("microphone", this.microphone.mediaStreamTrack);
  }

  /** LiveKit's name of this session. */
  get session(): string {
    return this.room.localParticipant.sid;
  }

  get connected(): boolean {
    return this.room.state === ConnectionState.Connected;
  }

  get customerHere(): boolean {
    return [...this.room.remoteParticipants.values()].some(isCustomer);
  }

  mute(muted: boolean): Promise<unknown> {
    return muted ? this.microphone.mute() : this.microphone.unmute();
  }

  useMicrophone(deviceId: string): Promise<boolean> {
    return this.room.switchActiveDevice("audioinput", deviceId);
  }

  useSpeaker(deviceId: string): Promise<boolean> {
    return this.room.switchActiveDevice("audiooutput", deviceId);
  }

  /** Plays what the browser refused to play; only of use in a click. */
  resumeSound(): Promise<void> {
    return this.room.startAudio();
  }

  /** Leaves, and lets the microphone go. Idempotent. */
  leave(): void {
    this.left = true;
    this.stopWatching();
    this.microphone.stop();
    void this.room.disconnect();
    this.tell.sound("microphone", null);
  }

  private hearRoom(): void {
    const { happen, warn, quality, devices } = this.tell;
    this.room
      .on(RoomEvent.TrackSubscribed, (track, _publication, p) => isCustomer(p) && this.play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => track === this.playing && this.stopWatching()) // on hold
      .on(RoomEvent.ParticipantConnected, (p) => this.look(p))
      .on(RoomEvent.ParticipantAttributesChanged, (_changed, p) => this.look(p))
      .on(RoomEvent.ParticipantDisconnected, (p) => isCustomer(p) && happen({ type: "customer_left" }))
      .on(RoomEvent.SignalReconnecting, () => happen({ type: "shaky" }))
      .on(RoomEvent.Reconnecting, () => happen({ type: "shaky" }))
      .on(RoomEvent.Reconnected, () => happen({ type: "steady", customerHere: this.customerHere }))
      .on(RoomEvent.Connected, () => this.room.remoteParticipants.forEach((p) => this.look(p)))
      .on(RoomEvent.Disconnected, (why) => this.left || happen({ type: "disconnected", why: meaning(why) }))
      .on(RoomEvent.ConnectionQualityChanged, (q, p) => {
        if (p.isLocal || isCustomer(p)) quality(p.isLocal ? "agent" : "customer", q);
      })
      .on(RoomEvent.AudioPlaybackStatusChanged, () => warn("playback_blocked", !this.room.canPlaybackAudio))
      .on(RoomEvent.MediaDevicesChanged, devices);
  }

  private hearMicrophone(): void {
    const { warn, sound } = this.tell;
    this.microphone
      .on(TrackEvent.Ended, () => this.left || warn("microphone_lost", true))
      .on(TrackEvent.UpstreamPaused, () => this.left || warn("microphone_muted", true))
      .on(TrackEvent.UpstreamResumed, () => warn("microphone_muted", false))
      .on(TrackEvent.Restarted, () => {
        warn("microphone_lost", false);
        warn("microphone_silent", false);
        sound("microphone", this.microphone.mediaStreamTrack);
      });
  }

  private look(p: Participant): void {
    const status = p.attributes["sip.callStatus"];
    if (isCustomer(p) && status !== "hangup") this.tell.happen({ type: "customer", status: status ?? "dialing" });
  }

  private play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio) return;
    this.stopWatching();
    this.playing = track;
    document.body.append(track.attach());
    track.once(TrackEvent.ElementDetached, (element: HTMLMediaElement) => element.remove());
    this.tell.sound("customer", track.mediaStreamTrack);
    const stop = watchSilence(
      async () => packetsOf(await track.getRTCStatsReport()),
      (silent) => this.tell.warn("customer_silent", silent),
    );
    this.stopWatching = () => {
      stop();
      track.detach().forEach((element) => element.remove());
      this.tell.warn("customer_silent", false);
      this.tell.sound("customer", null);
    };
  }
}

function meaning(why: DisconnectReason | undefined): "replaced" | "removed" | "lost" {
  switch (why) {
    case DisconnectReason.DUPLICATE_IDENTITY:
      return "replaced";
    case DisconnectReason.PARTICIPANT_REMOVED:
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return "removed";
    default:
      return "lost";
  }
}
