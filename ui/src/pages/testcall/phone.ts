import { startCall, type Call, type CallView } from "@click2call/browser";
import type { Schema } from "@/api/client";
import { path } from "@/app/base";

/** Where a test call stands: idle before the first, opening until the server has opened it, then as the SDK says. */
export type PhoneState = "idle" | "opening" | CallView["phase"];

/** What the page shows of a test call. */
export interface PhoneView {
  state: PhoneState;
  callID: string | null;
  error: Error | null;
  /** The call as the SDK shows it; null until the server has opened it. */
  call: CallView | null;
}

const idle: PhoneView = { state: "idle", callID: null, error: null, call: null };

/** A phone in the browser: the browser SDK, as a CRM's page uses it. It is made for one call. */
export class Phone {
  private view: PhoneView = idle;
  private live: Call | null = null;
  private hungUp = false;
  private readonly listeners = new Set<() => void>();

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
  async call(open: () => Promise<Schema<"TestCall">>, microphoneId: string | undefined): Promise<void> {
    this.set({ ...idle, state: "opening" });
    try {
      const placed = await open();
      this.set({ callID: placed.call_id });
      // The page does not come back to a call after F5, so nobody waits for it.
      await startCall(placed, {
        base: location.origin + path,
        microphoneId,
        backWithin: 0,
        onCall: (call) => this.follow(call),
      });
    } catch (error) {
      this.giveUp();
      this.set({ state: "ended", error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** Ends a call that was opened and never begun, for want of a microphone. */
  private giveUp(): void {
    const { callID } = this.view;
    if (callID && !this.live) void fetch(`${path}/api/c2c/calls/${callID}/hangup`, { method: "POST", keepalive: true });
  }

  private follow(call: Call): void {
    this.live = call;
    const show = () => this.set({ state: call.view.phase, call: call.view, error: call.view.error });
    call.subscribe(show);
    show();
    if (this.hungUp) call.hangUp();
  }

  setMuted(muted: boolean): Promise<void> {
    return this.live?.mute(muted) ?? Promise.resolve();
  }

  /** Puts the customer on hold, or takes them off it. */
  setHeld(held: boolean): Promise<void> {
    return (held ? this.live?.hold() : this.live?.unhold()) ?? Promise.resolve();
  }

  /** Sends one key of the keypad to the far end, after those before it. */
  press(digit: string): Promise<void> {
    return this.live?.sendDigits(digit) ?? Promise.resolve();
  }

  /** Ends the call, also one that is still being opened. Idempotent. */
  hangUp(): void {
    this.hungUp = true;
    this.live?.hangUp();
  }
}
