import type { Happening } from "./state.js";

/** What a page's window tells of its going and coming. */
export type PageWindow = Pick<Window, "addEventListener" | "removeEventListener">;

/**
 * Watches the page go and come. It never listens to beforeunload: that also comes before a mailto: or tel: link, before a download, and before
 * "Stay on this page", and none of them leaves. It returns what ends the watching.
 */
export function watchPage(page: PageWindow, happen: (h: Happening) => void, online: () => void): () => void {
  const hide = (e: PageTransitionEvent) => happen({ type: "page_hidden", kept: e.persisted });
  const show = (e: PageTransitionEvent) => happen({ type: "page_shown", kept: e.persisted });
  page.addEventListener("pagehide", hide);
  page.addEventListener("pageshow", show);
  page.addEventListener("online", online);
  return () => {
    page.removeEventListener("pagehide", hide);
    page.removeEventListener("pageshow", show);
    page.removeEventListener("online", online);
  };
}
