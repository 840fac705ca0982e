import type { Schema } from "@/api/client";
import type { State } from "@/components/Status";

/** How each state of a replay is shown. */
export const looks: Record<Schema<"Replay">["state"], { state: State; word: string }> = {
  running: { state: "ringing", word: "Running" },
  paused: { state: "parked", word: "Paused" },
  cancelled: { state: "disabled", word: "Cancelled" },
  done: { state: "delivered", word: "Done" },
};
