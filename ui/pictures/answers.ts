import type { Schema } from "@/api/client";
import { settings, report, user, history, auditEntries } from "./desk";
import { overview, calls, callDetail, ledger, trunkRecords } from "./today";
import { deliveries, deliveryDetail, endpoint, replay, running, trials } from "./webhooks";
import { type Day, ago, day, ended, hour, minute, trunks } from "./world";

/** Answers a request as the server would on that kind of day; undefined for what it does not know. */
export function answer(kind: Day, role: Schema<"Role">, method: string, url: URL): object | undefined {
  const path = url.pathname.replace("/api/admin/", "");
  const query = url.searchParams;
  const [head = "", tail = "", leaf = ""] = path.split("/");
  if (method !== "GET") return post(path);
  switch (head) {
    case "me":
      return { user: user("asha.rao", role), session_ends_at: ago(-9 * hour), version: "1.9.0" } satisfies Schema<"Me">;
    case "overview":
      return overview(kind);
    case "calls":
      return tail ? callDetail(kind, tail) : calls(kind, query);
    case "deliveries":
      return tail ? deliveryDetail(tail) : deliveries(kind, query);
    case "replays":
      if (tail) return running;
      return {
        items:
          kind === "empty"
            ? []
            : [
                running,
                replay(2, {}),
                replay(3, { state: "cancelled", total: 12, sent: 5, succeeded: 5, failed: 0, left: 7 }),
              ],
      };
    case "ledger":
      return ledger(kind);
    case "trunks":
      if (tail === "records") return trunkRecords(kind);
      if (tail === "livekit") {
        return {
          trunks: trunks.map((t) => ({
            livekit_trunk_id: t.livekit_trunk_id,
            name: t.label,
            address: "sip.carrier.example",
            transport: "UDP",
            numbers: [t.default_did],
            has_auth: true,
          })),
        } satisfies Schema<"LiveKitTrunkList">;
      }
      return { trunks: kind === "empty" ? [] : trunks };
    case "endpoints":
      if (leaf === "trials") return { trials: trials() };
      return { endpoints: kind === "empty" ? [] : [endpoint(kind)] };
    case "settings":
      return tail ? { changes: history() } : settings();
    case "reports":
      return report(kind);
    case "users":
      return {
        users: [
          user("admin", "admin"),
          user("asha.rao", "operator"),
          user("team.lead", "viewer", { last_login_at: null, must_change_password: true }),
        ],
      };
    case "api-keys":
      return {
        api_keys: [
          {
            key_id: "key_1",
            name: "LeadSquare",
            last_four: "b2Fq",
            created_at: ago(60 * day),
            last_used_at: ago(minute),
            revoked_at: null,
          },
          {
            key_id: "key_2",
            name: "Collections CRM (staging)",
            last_four: "z9Lw",
            created_at: ago(40 * day),
            last_used_at: null,
            revoked_at: ago(2 * day),
          },
        ],
      } satisfies Schema<"APIKeyList">;
    case "audit":
      return { entries: auditEntries() };
    case "search":
      return {
        results: [0, 1, 2, 3].map((n) => ({
          kind: "call",
          matched: "number",
          call: ended(n, { masked_number: "95302•••97" }),
        })),
      } satisfies Schema<"SearchResults">;
    default:
      return undefined;
  }
}

function post(path: string): object | undefined {
  if (path === "dial-preview") {
    return {
      customer_number: "9530251797",
      problems: [],
      trunks: trunks.map((t) => ({
        trunk: t,
        picked: t.default,
        problems: [],
        dialed: `${t.prefix}9530251797`,
        did: t.default_did,
        steps: [
          {
            rule: "check_number",
            title: "Take the ten digits as they are",
            before: "9530251797",
            after: "9530251797",
            ok: true,
          },
          {
            rule: "add_prefix",
            title: t.prefix ? `Put the trunk's prefix ${t.prefix} before the number` : "This trunk has no prefix",
            before: "9530251797",
            after: `${t.prefix}9530251797`,
            ok: true,
          },
          { rule: "choose_did", title: "Take the trunk's caller ID", before: "", after: t.default_did, ok: true },
          {
            rule: "normalise_did",
            title: "Write the caller ID as +91…",
            before: t.default_did,
            after: t.default_did,
            ok: true,
          },
        ],
      })),
    } satisfies Schema<"DialPreview">;
  }
  if (path === "replays/preview") {
    return {
      count: 30,
      oldest: ago(38 * minute),
      newest: ago(minute),
      by_state: { pending: 20, delivered: 0, dead: 3, parked: 7 },
    } satisfies Schema<"ReplayPreview">;
  }
  return undefined;
}
