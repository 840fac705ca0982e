import type { Schema } from "@/api/client";

type Attempt = Pick<Schema<"Attempt">, "status" | "error_class">;

/** What to do about each class of error that has no status. */
const byClass: Record<string, string> = {
  configuration: "The webhook's own settings are wrong: open it and set its URL, key and certificates again.",
  address:
    "The address is not allowed. Use a public one, or let whoever runs this installation name its range in WEBHOOK_ALLOWED_RANGES.",
  dns: "The host's name was not found. Look for a typing mistake in the URL, then at the DNS of the CRM.",
  connect: "Nothing answers at that address and port. The receiver is down, or a firewall stands before it.",
  tls: "The certificate was not accepted. Renew it, send its whole chain, or give us the CRM's own authority.",
  timeout: "The receiver took too long. Let it answer 200 at once, and do its work afterwards.",
  closed: "The connection ended before the answer was whole: a crash, a proxy's limit, or a restart of the receiver.",
  redirect: "Redirects are not followed, since they may lead anywhere. Set the URL that it leads to.",
};

/** What to do about statuses; those of a hundred stand for the rest of it. */
const byStatus: [from: number, to: number, advice: string][] = [
  [401, 401, "The receiver did not accept the key or the signature. Compare both with the webhook's page."],
  [403, 403, "The receiver, or a firewall before it, refuses us. Let our address in, and compare the key."],
  [404, 404, "There is nothing at that path. Compare the URL with the CRM's documentation."],
  [405, 405, "That path takes no POST. Compare the URL with the CRM's documentation."],
  [408, 408, "The receiver took too long. Let it answer 200 at once, and do its work afterwards."],
  [409, 409, "The receiver says it has this event already. It should answer 200 to an id that it knows."],
  [410, 410, "The receiver says that the URL is gone for good. Set the new one."],
  [413, 413, "The receiver, or a proxy before it, takes no body of this size: about a kilobyte is enough."],
  [422, 422, "The receiver read the body and does not accept it. Its answer says which field."],
  [429, 429, "The receiver wants fewer requests. It is tried again on its schedule; replay at a lower rate."],
  [400, 499, "The receiver refuses the request. Its answer may say why; trying again as it is changes little."],
  [500, 599, "The receiver failed. Nothing is wrong with the request: it is tried again, and can be replayed later."],
  [300, 399, "Redirects are not followed, since they may lead anywhere. Set the URL that it leads to."],
];

/** What can be done about a failed attempt, in a sentence or two; empty when it went well. */
export function adviceFor({ status, error_class }: Attempt): string {
  if (error_class === "") return "";
  if (error_class !== "status") return byClass[error_class] ?? "";
  return byStatus.find(([from, to]) => status !== null && status >= from && status <= to)?.[2] ?? "";
}

/** The same for an answer as the API names it: a status, or a class of error. */
export function adviceForAnswer(answer: string): string {
  const status = /^\d{3}$/.test(answer) ? Number(answer) : null;
  return adviceFor({ status, error_class: status === null ? answer : "status" });
}
