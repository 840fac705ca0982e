import { resumeCall, startCall, type Call, type CallEvents, type CallOptions, type WarningCode } from "./index.js";
import type { PlacedCall } from "./server.js";
import type { Phase } from "./state.js";

const words: Record<Phase, string> = {
  joining: "Joining",
  dialing: "Dialing",
  ringing: "Ringing",
  answered: "Talking",
  ended: "Call ended",
};

const warnings: Record<WarningCode, string> = {
  microphone_silent: "Your microphone gives no sound",
  microphone_lost: "Your microphone is gone",
  microphone_muted: "The system has muted your microphone",
  playback_blocked: "The browser plays no sound yet",
  customer_silent: "Nothing is heard from the customer: on hold there, or gone",
};

const style = `
:host { display: inline-block; font: 14px/1.4 system-ui, sans-serif; }
:host([hidden]) { display: none; }
p { margin: 0 0 8px; }
[part=state] { font-weight: 600; }
[part=warning] { color: #a61b1b; }
[part=warning]:empty { display: none; }
button { font: inherit; min-height: 32px; padding: 4px 12px; margin-inline-end: 4px; }
`;

const buttons = ["mute", "hold", "end", "sound"] as const;

/**
 * <click-to-call base="https://c2c.example.com">: a small telephone. Call its start() with what POST /click2call answered; it comes back by itself
 * after a reload. Its events are those of a call, each a CustomEvent with the detail. Style it by ::part(state), ::part(warning) and
 * ::part(button).
 */
export class ClickToCall extends HTMLElement {
  /** The call that it has or had last. */
  call: Call | null = null;
  private readonly state = document.createElement("p");
  private readonly warning = document.createElement("p");
  private readonly button = {} as Record<(typeof buttons)[number], HTMLButtonElement>;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    // A sheet of its own, and not a style element: those are forbidden by a strict Content-Security-Policy.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    this.state.role = "status";
    this.warning.role = "alert";
    this.state.setAttribute("part", "state");
    this.warning.setAttribute("part", "warning");
    root.append(this.state, this.warning);
    for (const name of buttons) {
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        onclick: () => this.press(name),
      });
      button.setAttribute("part", "button");
      this.button[name] = button;
      root.append(button);
    }
    this.draw();
  }

  connectedCallback(): void {
    // Where the microphone is refused, the server's grace decides.
    void resumeCall({ base: this.base, on: this.events(), onCall: (call) => this.take(call) }).catch(() => undefined);
  }

  /** Starts a call; see startCall. */
  start(placed: PlacedCall, options: Partial<CallOptions> = {}): Promise<Call> {
    const take = (call: Call) => this.take(call);
    return startCall(placed, { base: this.base, onCall: take, ...options, on: { ...this.events(), ...options.on } });
  }

  private get base(): string {
    return this.getAttribute("base") ?? location.origin;
  }

  private take(call: Call): void {
    this.call = call;
    call.subscribe(() => this.draw());
    this.draw();
  }

  private press(name: (typeof buttons)[number]): void {
    const { call } = this;
    if (!call) return;
    if (name === "end") call.hangUp();
    else if (name === "sound") void call.resumeSound().catch(reportError);
    else if (name === "mute") void call.mute(!call.view.muted);
    else void (call.view.onHold ? call.unhold() : call.hold()).catch(reportError);
  }

  private draw(): void {
    const view = this.call?.view;
    const live = view !== undefined && view.phase !== "ended";
    this.state.textContent = !view ? "No call" : live && view.reconnecting ? "Reconnecting" : words[view.phase];
    const [warning] = view?.warnings ?? [];
    this.warning.textContent = live && warning ? warnings[warning] : "";
    this.label("mute", view?.muted ? "Unmute" : "Mute", !live);
    this.label("hold", view?.onHold ? "Go on" : "Hold", view?.phase !== "answered");
    this.label("end", "Hang up", !live);
    this.label("sound", "Play the sound", false);
    this.button.sound.hidden = !live || !view.warnings.includes("playback_blocked");
  }

  private label(name: (typeof buttons)[number], text: string, disabled: boolean): void {
    Object.assign(this.button[name], { textContent: text, disabled });
  }

  /** Passes each of the call's events on as the element's own. */
  private events(): CallOptions["on"] {
    const names: (keyof CallEvents)[] = [
      "ringing",
      "answered",
      "ended",
      "quality",
      "warning",
      "reconnecting",
      "devices",
    ];
    return Object.fromEntries(
      names.map((name) => [name, (detail: unknown) => this.dispatchEvent(new CustomEvent(name, { detail }))]),
    );
  }
}

if (!customElements.get("click-to-call")) customElements.define("click-to-call", ClickToCall);
