import { createContext, use } from "react";
import { apiOfReceiver } from "@/api/client";

type ReceiverAPI = ReturnType<typeof apiOfReceiver>;

export const Link = createContext<ReceiverAPI | null>(null);

/** What the link opens. For what is inside ReceiverPage. */
export function useLink(): ReceiverAPI {
  const api = use(Link);
  if (!api) throw new Error("useLink is for what is inside ReceiverPage");
  return api;
}

/** The token behind the # of the page's address; empty when there is none. It never leaves the browser but in a header. */
export function tokenOf(hash: string): string {
  return /^#(rcv_[A-Z2-7]+)$/.exec(hash)?.[1] ?? "";
}
