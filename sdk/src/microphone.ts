import { createLocalAudioTrack, type LocalAudioTrack } from "livekit-client";
import { CallError } from "./server.js";

/**
 * Opens the microphone. It fails with a CallError: `page_insecure`, `microphone_refused`, `microphone_missing` or `microphone_busy`.
 */
export async function openMicrophone(deviceId?: string): Promise<LocalAudioTrack> {
  // Browsers hide it from pages that came by plain HTTP, and from frames without allow="microphone".
  if (!("mediaDevices" in navigator))
    throw new CallError("page_insecure", "Browsers give the microphone only to pages that came by https.");
  try {
    return await createLocalAudioTrack({
      deviceId,
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
    });
  } catch (error) {
    throw explain(error);
  }
}

/** Asks for the microphone, once at login, so that no question of the browser's stands in the way of the first call. */
export async function checkMicrophone(): Promise<void> {
  (await openMicrophone()).stop();
}

function explain(error: unknown): Error {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return new CallError("microphone_refused", "The microphone is blocked: allow it in the browser's address bar.");
    case "NotFoundError":
    case "OverconstrainedError":
      return new CallError("microphone_missing", "No microphone was found: connect one.");
    case "NotReadableError":
    case "AbortError":
      return new CallError("microphone_busy", "Another program uses the microphone, or it is broken.");
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

const listenFor = 700; // ms

/**
 * Reports whether a microphone gives not one sound, which a working one never does: even a quiet room hums. A muted headset does, and a
 * microphone that the system keeps from the browser. When nobody can tell, because the browser runs no sound yet, it is not silent.
 */
export async function isSilent(track: MediaStreamTrack): Promise<boolean> {
  const context = new AudioContext();
  try {
    const ear = context.createAnalyser();
    context.createMediaStreamSource(new MediaStream([track])).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    const until = Date.now() + listenFor;
    while (Date.now() < until) {
      await new Promise((done) => setTimeout(done, 50));
      ear.getFloatTimeDomainData(samples);
      if (context.state !== "running") continue;
      if (samples.some((s) => s !== 0)) return false;
    }
    return context.state === "running";
  } finally {
    void context.close();
  }
}
