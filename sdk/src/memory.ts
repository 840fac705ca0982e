/** What a page that is loaded again needs to come back to its call. */
export interface Remembered {
  callID: string;
  base: string;
}

const key = "click2call";

/** Kept for this tab alone, and copied by the browser when the tab is duplicated. A frame may be forbidden to keep anything. */
export function remember(call: Remembered): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(call));
  } catch {
    // then a reload ends the call when its time to come back is over
  }
}

export function forget(callID: string): void {
  if (recall()?.callID === callID) sessionStorage.removeItem(key);
}

export function recall(): Remembered | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<Remembered> | null;
    return typeof kept?.callID === "string" && typeof kept.base === "string"
      ? { callID: kept.callID, base: kept.base }
      : null;
  } catch {
    return null;
  }
}
