declare global {
  interface Window {
    /** What public/start.js asked for, by path and query; the overview, whose only parameter is the time zone, by its path alone. */
    click2callEarly?: Record<string, Promise<Response>>;
  }
}

/** Sends a request, or takes the answer to it that is on its way since before the scripts came. An answer is taken once. */
export function fetchOrTake(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const early = window.click2callEarly;
  const name = [pathname + search, pathname].find((n) => early && n in early);
  const answer = request.method === "GET" && name ? early?.[name] : undefined;
  if (!early || !answer || !name) return fetch(request);
  delete early[name];
  return answer;
}

/** Leaves the answers that nobody took: after a login, or a while later, they are wrong. */
export function forgetEarly(): void {
  delete window.click2callEarly;
}
