import type { Schema } from "@/api/client";

type Hour = Schema<"TrunkNumbers">;

/** A stretch of hours in which a trunk failed. */
export interface Stretch {
  trunk_id: string;
  label: string;
  since: Date;
  until: Date;
  dials: number;
  failed: number;
}

const hour = 3_600_000;
// An hour counts when so many of its dials failed for the trunk's own sake; a stretch when so many did in all.
const badShare = 0.3;
const enoughFailed = 10;

/** The worst stretches of hours, the one with the most failed dials first: each a trunk's neighbouring bad hours. */
export function worstOf(hours: Hour[]): Stretch[] {
  const found: Stretch[] = [];
  const last = new Map<string, Stretch>();
  for (const h of [...hours].sort((a, b) => a.begins.localeCompare(b.begins))) {
    const failed = h.ner === null ? 0 : Math.round(h.seizures * (1 - h.ner));
    if (h.seizures === 0 || failed / h.seizures < badShare) continue;
    const since = new Date(h.begins);
    const before = last.get(h.trunk_id);
    if (before && before.until.getTime() === since.getTime()) {
      before.until = new Date(since.getTime() + hour);
      before.dials += h.seizures;
      before.failed += failed;
      continue;
    }
    const stretch = {
      trunk_id: h.trunk_id,
      label: h.label,
      since,
      until: new Date(since.getTime() + hour),
      dials: h.seizures,
      failed,
    };
    last.set(h.trunk_id, stretch);
    found.push(stretch);
  }
  return found.filter((s) => s.failed >= enoughFailed).sort((a, b) => b.failed - a.failed);
}
