/** What the server filled into the page; a test has none. */
const meta = (name: string): string =>
  typeof document === "undefined"
    ? ""
    : (document.querySelector<HTMLMetaElement>(`meta[name=click2call-${name}]`)?.content ?? "");

/** The path of this installation's public URL, without a slash at its end; empty when it is at the root. */
export const path: string = /^(\/[\w.~-]+)+$/.test(meta("path")) ? meta("path") : "";

/** This installation's address as CRMs reach it: the public URL when it is configured, else the page's own origin. */
export const base: string = /^https?:\/\//.test(meta("base"))
  ? meta("base").replace(/\/+$/, "")
  : typeof location === "undefined"
    ? ""
    : location.origin;

/** A page's own path as the routes name it. */
export function pageOf(pathname: string): string {
  return isUnder(pathname) ? pathname.slice(path.length) || "/" : pathname;
}

/** Whether an address is under the installation's path. */
export function isUnder(pathname: string): boolean {
  return pathname === path || pathname.startsWith(`${path}/`);
}
