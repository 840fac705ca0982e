/** What POST /click2call answered; more fields do no harm. */
export interface PlacedCall {
  call_id: string;
  ws_url: string;
  token: string;
}

/** The fields of the call record that a page wants most; the OpenAPI document has them all. */
export interface CallRecord {
  call_id: string;
  status: "created" | "queued" | "ringing" | "answered" | "ended";
  on_hold: boolean;
  answered_at: string | null;
  duration_seconds: number;
  call_status: "ANSWERED" | "NOT_ANSWERED" | "FAILED" | null;
  disconnect_reason: string | null;
  sip_disconnect_code: number | null;
}

/** Why something did not work: a `code` of the server's problem documents, or one of this SDK. */
export class CallError extends Error {
  readonly code: string;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  constructor(code: string, message: string, status = 0) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.status = status;
  }
}

const answerWithin = 10_000; // ms

/** The server's side of one call. The call id is the credential. */
export class Server {
  private readonly url: string;

  constructor(
    readonly base: string,
    readonly callID: string,
  ) {
    this.url = `${base.replace(/\/+$/, "")}/api/c2c/calls/${encodeURIComponent(callID)}`;
  }

  /** Sends one order. It outlives the page, except /connect: nobody may be dialed for a page that is gone. */
  post<T>(verb: string, body?: object): Promise<T> {
    return this.ask<T>(`/${verb}`, {
      method: "POST",
      keepalive: verb !== "connect",
      ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
  }

  record(): Promise<CallRecord> {
    return this.ask<CallRecord>("", { cache: "no-store" });
  }

  /** Says that this page goes away. Text needs no leave of CORS, which a page that goes away could not wait for. */
  sayLeaving(session: string, seconds: number): void {
    navigator.sendBeacon(
      `${this.url}/hangup`,
      JSON.stringify({ session, ...(seconds > 0 && { back_within_seconds: seconds }) }),
    );
  }

  private async ask<T>(path: string, init: RequestInit): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.url + path, { ...init, signal: AbortSignal.timeout(answerWithin) });
    } catch (cause) {
      throw new CallError("unreachable", `No answer from ${this.base}: ${String(cause)}`);
    }
    const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; title?: string };
    if (response.ok) return body as T;
    throw new CallError(
      body.code ?? `http_${response.status}`,
      body.detail ?? body.title ?? response.statusText,
      response.status,
    );
  }
}

/** Reports whether the call is over for certain: the server said it, and did not just fail to answer. */
export const saysOver = (error: unknown): boolean =>
  error instanceof CallError && (error.status === 404 || error.code === "call_ended");
