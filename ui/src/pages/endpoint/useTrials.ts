import { useCallback, useEffect, useRef, useState } from "react";
import type { Schema } from "@/api/client";

type Result = Schema<"TrialResult">;

/** How a receiver fared so far. */
export interface Scorecard {
  results: ReadonlyMap<string, Result>;
  /** The trial that runs now. */
  running: string | null;
  /** Why the run broke off: the server refused, or did not answer. */
  error: Error | null;
  run: (names: string[]) => void;
  stop: () => void;
}

/** Puts a receiver to one trial. */
export type RunTrial = (trial: string, signal: AbortSignal) => Promise<Result>;

/** Puts a receiver to trials, one after the other. It ends with the page. */
export function useTrials(runOne: RunTrial): Scorecard {
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const [running, setRunning] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const stopper = useRef<AbortController | null>(null);
  const stop = useCallback(() => stopper.current?.abort(), []);
  useEffect(() => stop, [stop]);
  const run = useCallback(
    (names: string[]) => {
      stopper.current?.abort();
      const mine = new AbortController();
      stopper.current = mine;
      setError(null);
      setResults((was) => new Map([...was].filter(([name]) => !names.includes(name))));
      void (async () => {
        try {
          for (const trial of names) {
            setRunning(trial);
            const result = await runOne(trial, mine.signal);
            setResults((was) => new Map(was).set(trial, result));
          }
        } catch (failure) {
          if (!mine.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)));
        } finally {
          if (stopper.current === mine) setRunning(null);
        }
      })();
    },
    [runOne],
  );
  return { results, running, error, run, stop };
}
