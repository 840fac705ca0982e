import { ProblemError } from "@/api/client";

/** The server's word on each field, to stand beside it. Fields of parts are named as "livekit.url". */
export function fieldErrors(error: Error | null): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  return Object.fromEntries((error.problem.errors ?? []).map((e) => [e.field, e.message]));
}
