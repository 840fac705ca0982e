/** One server-sent event. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Reads a text/event-stream piece by piece (HTML Living Standard, section 9.2). Unlike EventSource it also tells
 * about comment lines, which the server sends as heartbeats: without them a dead line looks like a quiet one.
 */
export class EventParser {
  private rest = "";
  private event = "";
  private data: string[] = [];

  /** Takes the next piece and returns the events that it completes. */
  push(piece: string): ServerEvent[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): ServerEvent[] {
    if (line === "") {
      const done = this.data.length > 0 ? [{ event: this.event || "message", data: this.data.join("\n") }] : [];
      this.event = "";
      this.data = [];
      return done;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.event = value;
    if (field === "data") this.data.push(value);
    return [];
  }
}

/**
 * Reads events from url until signal aborts or the line is lost. It resolves when the server ends the stream, and
 * rejects when the line breaks or stays silent for longer than silence milliseconds.
 */
export async function readEvents(
  url: string,
  signal: AbortSignal,
  silence: number,
  on: (e: ServerEvent) => void,
): Promise<void> {
  const watchdog = new AbortController();
  const response = await fetch(url, {
    headers: { Accept: "text/event-stream" },
    signal: AbortSignal.any([signal, watchdog.signal]),
  });
  if (!response.ok || !response.body) throw new StreamRefused(response.status);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const timer = setTimeout(() => watchdog.abort(), silence);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    for (const event of parser.push(value)) on(event);
  }
}

/** The server answered, and not with a stream. */
export class StreamRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the stream was refused with ${status}`);
    this.status = status;
  }
}
