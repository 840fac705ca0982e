import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./admin.gen";
import { path } from "@/app/base";
import { fetchOrTake } from "./early";

/** A schema of api/admin/openapi.yaml by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What the server answers when it refuses, or what stands for it when no answer came. */
export class ProblemError extends Error {
  readonly problem: Schema<"Problem">;

  constructor(problem: Schema<"Problem">) {
    super(`${problem.title}. ${problem.detail}`);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

const noAnswer: Schema<"Problem"> = {
  type: "urn:click2call:problem:no_answer",
  title: "The server does not answer",
  status: 0,
  detail:
    "Calls that are under way go on without the console. Check your connection and that click2call runs; this page tries again by itself.",
  code: "no_answer",
};

const throwProblems: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return response;
    throw new ProblemError(await problemOf(response));
  },
  onError: ({ error }) => (error instanceof ProblemError ? error : new ProblemError(noAnswer)),
};

/** Reads a refusal. Proxies between us and the server answer with pages of their own, hence the care. */
export async function problemOf(response: Response): Promise<Schema<"Problem">> {
  const fallback = {
    type: "about:blank",
    title: `The server answered ${response.status}`,
    status: response.status,
    detail: "Try again; if it persists, look at the server's log.",
    code: "unexpected",
  };
  if (!response.headers.get("Content-Type")?.includes("json")) return fallback;
  const body: unknown = await response.json().catch(() => null);
  return typeof body === "object" && body !== null && "code" in body && typeof body.code === "string"
    ? { ...fallback, ...body, code: body.code }
    : fallback;
}

/** The admin API. Every method throws a ProblemError when the server refuses or does not answer. */
export const api = createClient<paths>({ baseUrl: `${path}/`, fetch: fetchOrTake });
api.use(throwProblems);

/** The operations that a receiver's link opens: its token goes with each request, and no session is needed. */
export function apiOfReceiver(token: string) {
  const client = createClient<paths>({ baseUrl: "/", headers: { Authorization: `Bearer ${token}` } });
  client.use(throwProblems);
  return client;
}

/** Unwraps an answer of the api; refusals were thrown before. */
export async function read<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined)
    throw new ProblemError({ ...noAnswer, title: "The server answered nothing", code: "unexpected" });
  return data;
}
