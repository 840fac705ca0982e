/** The agent's side of a click2call call in the browser. Start reading at startCall below, then state.ts: the rules; call.ts carries them out. */
import { Call, type CallOptions } from "./call.js";
import { recall } from "./memory.js";
import { openMicrophone } from "./microphone.js";
import type { PlacedCall } from "./server.js";

/**
 * Starts a call that your server has opened: joins the room, checks the microphone, and has the customer dialed. `placed` is what POST
 * /click2call answered. It fails with a CallError. When the microphone cannot be had, nothing has happened yet: call it again once that is
 * mended, within two minutes. After any other failure the call is over.
 */
export async function startCall(placed: PlacedCall, options: CallOptions): Promise<Call> {
  const microphone = await openMicrophone(options.microphoneId);
  const call = new Call(placed.call_id, { ...options });
  options.onCall?.(call);
  await call.begin(placed, microphone);
  return call;
}

/**
 * Comes back into the call that this tab had before it was loaded again, or that the tab had which it is a duplicate of. Ask it whenever a page
 * loads. Null when there is none, or it is over.
 */
export async function resumeCall(options: CallOptions): Promise<Call | null> {
  const kept = recall();
  if (kept?.base !== options.base) return null;
  const call = new Call(kept.callID, { ...options });
  options.onCall?.(call);
  return (await call.comeBack()) ? call : null;
}

/** The microphones and speakers; their names are empty until the microphone was allowed once. */
export async function listDevices(): Promise<{ microphones: MediaDeviceInfo[]; speakers: MediaDeviceInfo[] }> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.deviceId !== "");
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

export { checkMicrophone } from "./microphone.js";
export { CallError, type PlacedCall } from "./server.js";
export { Call, type CallOptions };
export type * from "./events.js";
