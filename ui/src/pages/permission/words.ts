import type { Schema } from "@/api/client";
import { formatDayClock } from "@/format/time";

type Permission = Schema<"Permission">;

/** What each refusal means for the agent and what may be done about it. */
const remedies: Record<NonNullable<Permission["refusal"]>, string> = {
  outside_calling_hours: "Call later, or for a purpose whose hours are open now.",
  on_do_not_call_list: "Take the number off the list if the customer has agreed again.",
  called_too_often: "Calls leave the count 24 hours or 7 days after they were dialed.",
};

/** What to say of an answer: the verdict, the server's reason, and what to do. */
export function verdictOf(p: Permission): { title: string; why: string; remedy: string } {
  if (p.allowed) return { title: `Yes, for a ${p.purpose} call`, why: p.why, remedy: "" };
  const opens = p.opens_at ? ` It may be called from ${formatDayClock(new Date(p.opens_at))} on.` : "";
  return {
    title: `No, not for a ${p.purpose} call`,
    why: p.why + opens,
    remedy: p.refusal ? remedies[p.refusal] : "",
  };
}
