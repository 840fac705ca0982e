import { useEffect, useState } from "react";

/** The microphone before a call: whether it may be used, which there are, and its sound. */
export interface Microphone {
  state: "asking" | "ready" | "refused" | "missing" | "insecure";
  devices: MediaDeviceInfo[];
  deviceID: string | undefined;
  track: MediaStreamTrack | null;
  choose: (deviceID: string) => void;
}

/** Opens the microphone while on is true, and lets it go afterwards. */
export function useMicrophone(on: boolean): Microphone {
  const [wanted, choose] = useState<string>();
  const [seen, setSeen] = useState<Omit<Microphone, "choose">>({
    state: "asking",
    devices: [],
    deviceID: undefined,
    track: null,
  });
  useEffect(() => {
    if (!on) return;
    let over = false;
    let opened: MediaStreamTrack | undefined;
    const open = async () => {
      // Browsers hide it from pages that came by plain HTTP.
      if (!("mediaDevices" in navigator)) {
        setSeen({ state: "insecure", devices: [], deviceID: undefined, track: null });
        return;
      }
      try {
        const stream = await navigator.mediaDevices.getUserMedia({
          audio: wanted ? { deviceId: { exact: wanted } } : true,
        });
        opened = stream.getAudioTracks()[0];
        if (over) return opened?.stop();
        const devices = (await navigator.mediaDevices.enumerateDevices()).filter(
          (d) => d.kind === "audioinput" && d.deviceId !== "",
        );
        setSeen({ state: "ready", devices, deviceID: opened?.getSettings().deviceId, track: opened ?? null });
      } catch (error) {
        const missing = error instanceof DOMException && error.name === "NotFoundError";
        setSeen({ state: missing ? "missing" : "refused", devices: [], deviceID: undefined, track: null });
      }
    };
    void open();
    return () => {
      over = true;
      opened?.stop();
      setSeen((was) => ({ ...was, track: null }));
    };
  }, [on, wanted]);
  return { ...seen, choose };
}
