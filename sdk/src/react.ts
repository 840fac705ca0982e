import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { resumeCall, startCall, type Call, type CallOptions, type CallView } from "./index.js";
import type { PlacedCall } from "./server.js";

export interface Click2Call {
  /** The call that this page has or had last; its methods mute, hold, send keys and hang up. */
  call: Call | null;
  /** The call as it stands; null before the first. */
  view: CallView | null;
  /** Starts a call; see startCall. */
  start: (placed: PlacedCall) => Promise<Call>;
}

const none = () => () => {};

/**
 * One agent's telephone in a React page. It comes back into the call that the tab had before it was loaded again, with the options of the first
 * rendering. The call outlives the component: ask for it high in the tree, or a change of page shows no call while people talk.
 */
export function useClick2Call(options: CallOptions): Click2Call {
  const [call, setCall] = useState<Call | null>(null);
  const [first] = useState(options);
  useEffect(() => {
    // Where the microphone is refused, the server's grace decides.
    resumeOnce(first).then(
      (back) => setCall((had) => had ?? back),
      () => undefined,
    );
  }, [first]);
  const start = useCallback(
    (placed: PlacedCall) => {
      const onCall = (placing: Call) => {
        setCall(placing);
        options.onCall?.(placing);
      };
      return startCall(placed, { ...options, onCall });
    },
    [options],
  );
  const view = useSyncExternalStore(call?.subscribe ?? none, () => call?.view ?? null);
  return { call, view, start };
}

/** React runs effects twice in development; two ways back at once would throw each other out of the room. */
let resuming: Promise<Call | null> | null = null;
function resumeOnce(options: CallOptions): Promise<Call | null> {
  resuming ??= resumeCall(options);
  return resuming;
}
