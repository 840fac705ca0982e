import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, type ReactNode } from "react";
import type { Schema } from "@/api/client";
import { path } from "@/app/base";
import { meKey } from "@/api/queries";
import { zone } from "@/format/time";
import { readEvents, StreamRefused } from "./sse";

/** The overview as it stands, and whether the line that brings it holds. */
export interface Live {
  overview: Schema<"Overview"> | null;
  line: "connecting" | "open" | "lost";
  /** When the latest word came, in milliseconds; 0 before the first. */
  heardAt: number;
}

// The server sends a heartbeat every 15 s.
const silence = 35_000;
const slowestRetry = 10_000;

const Context = createContext<Live>({ overview: null, line: "connecting", heardAt: 0 });

/** Keeps one line of server-sent events open for the whole console. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [live, setLive] = useState<Live>({ overview: null, line: "connecting", heardAt: 0 });
  const client = useQueryClient();
  useEffect(() => {
    const stop = new AbortController();
    const onOverview = (overview: Schema<"Overview">) => setLive({ overview, line: "open", heardAt: Date.now() });
    const onLost = (error?: unknown) => {
      setLive((was) => ({ ...was, line: "lost" }));
      if (error instanceof StreamRefused && error.status === 401) void client.invalidateQueries({ queryKey: meKey });
    };
    void follow(stop.signal, onOverview, onLost);
    return () => stop.abort();
  }, [client]);
  return <Context value={live}>{children}</Context>;
}

/** What happens now, as it happens. */
export function useLive(): Live {
  return use(Context);
}

async function follow(
  signal: AbortSignal,
  onOverview: (o: Schema<"Overview">) => void,
  onLost: (error?: unknown) => void,
): Promise<void> {
  let wait = 500;
  const over = () => signal.aborted;
  while (!over()) {
    try {
      await readEvents(
        `${path}/api/admin/events?tz=${encodeURIComponent(zone)}`,
        signal,
        silence,
        ({ event, data }) => {
          wait = 500;
          if (event === "overview") onOverview(JSON.parse(data) as Schema<"Overview">);
        },
      );
      if (!over()) onLost();
    } catch (error) {
      if (over()) return;
      onLost(error);
    }
    await pause(wait, signal);
    wait = Math.min(2 * wait, slowestRetry);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
