import { queryOptions } from "@tanstack/react-query";
import { api, read } from "./client";
import type { paths } from "./admin.gen";

/** The paths that have a method. */
type PathsWith<Method extends "get" | "post"> = {
  [P in keyof paths]: paths[P][Method] extends object ? P : never;
}[keyof paths];

/** A path of the API that is read from; its cached answers have it as their name. */
export type GetPath = PathsWith<"get">;

/** A path of the API that is asked with a body, and changes nothing by it. */
type AskedByPost = "/api/admin/dial-preview" | "/api/admin/replays/preview";

type Answer<Operation> = Operation extends { responses: { 200: { content: { "application/json": infer Body } } } }
  ? Body
  : never;
type Body<Operation> = Operation extends { requestBody: { content: { "application/json": infer Sent } } }
  ? Sent
  : never;
type Params<P extends GetPath> = Pick<paths[P]["get"]["parameters"], "query" | "path">;
type Needed<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];
type Given<P extends GetPath> = [Needed<Params<P>>] extends [never] ? [params?: Params<P>] : [params: Params<P>];

/** What useAction reads again: every answer of these paths that is on a page. */
export type Touched = GetPath | AskedByPost;

/**
 * How something is read from the API: the key is the path and its parameters, so none can be misspelled, and the answer has the
 * type of the description. `openapi-react-query` would do the same, but for the errors: it takes them for the description's
 * problems, and ours are thrown as a ProblemError.
 */
export function ask<P extends GetPath>(path: P, ...[params]: Given<P>) {
  return queryOptions({
    queryKey: [path, params] as const,
    queryFn: ({ signal }) =>
      // The parameters were checked above; the client's own types do not follow a path that is a variable.
      read(api.GET(path, { params, signal } as never) as Promise<{ data?: Answer<paths[P]["get"]> }>),
  });
}

/** How something is read that needs a body to be asked for. */
export function askWith<P extends AskedByPost>(path: P, body: Body<paths[P]["post"]>) {
  return queryOptions({
    queryKey: [path, body] as const,
    queryFn: ({ signal }) =>
      read(api.POST(path, { body, signal } as never) as Promise<{ data?: Answer<paths[P]["post"]> }>),
  });
}
