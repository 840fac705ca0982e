import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Schema } from "@/api/client";
import { answer } from "./answers";
import { overview } from "./today";
import type { Day } from "./world";

const app = join(import.meta.dirname, "../dist/app");
const inter = join(
  import.meta.dirname,
  "../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
);

const types: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
  ".woff2": "font/woff2",
  ".md": "text/markdown",
};

// Every machine draws letters with what it has. The pictures bring their own, so that they are the same everywhere.
const font = `@font-face { font-family: "Pictures"; src: url("/pictures/inter.woff2") format("woff2"); font-weight: 100 900; }
:root { --mantine-font-family: "Pictures" !important; --mantine-font-family-headings: "Pictures" !important; }
body, button, input, textarea, select { font-family: "Pictures" !important; }`;

/** What the console of a picture is told. */
export interface Scene {
  day: Day;
  role: Schema<"Role">;
  /** Nobody is logged in. */
  loggedOut?: boolean;
  /** The line of events is cut, and does not come back. */
  lineLost?: boolean;
  /** Answers instead of the day's, by path, or by method and path. */
  instead?: Record<string, { status: number; body: object }>;
}

/** Serves the built console, and answers its API as a server would in that scene. */
export class Stage {
  scene: Scene = { day: "good", role: "admin" };
  /** What the console asked for that the scene answered, in order. */
  heard: { method: string; path: string; body: string }[] = [];
  private readonly server: Server = createServer((request, response) => this.serve(request, response));

  async open(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(Number(process.env.STAGE_PORT ?? 0), "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://stage");
    if (url.pathname === "/api/admin/events") return this.events(response);
    if (url.pathname.startsWith("/api/")) return this.answer(request, response, url);
    if (url.pathname === "/pictures/inter.woff2") return send(response, 200, types[".woff2"], readFileSync(inter));
    if (url.pathname === "/pictures/font.css") return send(response, 200, types[".css"], font);
    const file = extname(url.pathname) in types ? url.pathname : "/index.html";
    try {
      const body = readFileSync(join(app, file));
      const page =
        file === "/index.html"
          ? body
              .toString()
              .replace("</head>", `<link rel="stylesheet" href="/pictures/font.css"></head>`)
              .replace("__BASE__", "https://c2c.example.com")
              .replaceAll("__PATH__", "")
              .replaceAll('="./', '="/')
          : body;
      send(response, 200, types[extname(file)], page);
    } catch {
      send(response, 404, "text/plain", "not found");
    }
  }

  private answer(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const { loggedOut, instead } = this.scene;
    const other = instead?.[`${request.method} ${url.pathname}`] ?? instead?.[url.pathname];
    if (other)
      return send(
        response,
        other.status,
        other.status < 400 ? "application/json" : "application/problem+json",
        JSON.stringify(other.body),
      );
    if (loggedOut)
      return send(
        response,
        401,
        "application/problem+json",
        JSON.stringify({ type: "", title: "Log in", status: 401, detail: "", code: "no_session" }),
      );
    const sent: Buffer[] = [];
    request.on("data", (part: Buffer) => sent.push(part));
    request.on("end", () => this.tell(response, request.method ?? "GET", url, Buffer.concat(sent).toString()));
  }

  private tell(response: ServerResponse, method: string, url: URL, sent: string): void {
    const { day, role } = this.scene;
    this.heard.push({ method, path: url.pathname, body: sent });
    const body = answer(day, role, method, url, sent);
    if (!body)
      return send(
        response,
        404,
        "application/problem+json",
        JSON.stringify({ type: "", title: "Not on this stage", status: 404, detail: url.pathname, code: "not_found" }),
      );
    send(response, 200, "application/json", JSON.stringify(body));
  }

  private events(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`event: overview\ndata: ${JSON.stringify(overview(this.scene.day))}\n\n`);
    if (this.scene.lineLost) setTimeout(() => response.destroy(), 400);
  }
}

function send(response: ServerResponse, status: number, type: string | undefined, body: string | Buffer): void {
  response.writeHead(status, { "Content-Type": type ?? "application/octet-stream" });
  response.end(body);
}
