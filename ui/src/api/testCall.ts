import { problemOf, ProblemError } from "./client";

/** What a browser needs to join a call; the same as /click2call answers. */
export interface OpenedCall {
  call_id: string;
  ws_url: string;
  token: string;
}

/** Opens a call for this browser, by the same path as a CRM's request. */
export async function openTestCall(customer_number: string, did?: string): Promise<OpenedCall> {
  const response = await fetch("/api/admin/test-calls", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ customer_number, ...(did && { did }) }),
  });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return (await response.json()) as OpenedCall;
}
