import type { Schema } from "@/api/client";
import { settings, report, trunkHours, user, history, auditEntries } from "./desk";
import { callerIDs, dialPreview, doNotCall, permission, permissionRules, routes, standing } from "./dialing";
import { overview, calls, callDetail, ledger, trunkRecords } from "./today";
import {
  deliveries,
  deliveryDetail,
  endpoint,
  endpointAttempts,
  receiver,
  receiverLink,
  replay,
  running,
  trials,
} from "./webhooks";
import { type Day, ago, day, ended, hour, minute, trunks } from "./world";

/** Answers a request as the server would on that kind of day; undefined for what it does not know. */
export function answer(kind: Day, role: Schema<"Role">, method: string, url: URL, body = ""): object | undefined {
  const path = url.pathname.replace("/api/admin/", "");
  const query = url.searchParams;
  const [head = "", tail = "", leaf = ""] = path.split("/");
  if (method !== "GET") return post(kind, path, /"purpose":"(\w+)"/.exec(body)?.[1]);
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
    case "routes":
      return routes(kind);
    case "caller-ids":
      return callerIDs(kind);
    case "permission":
      return permissionRules(kind);
    case "do-not-call":
      return doNotCall(kind);
    case "endpoints":
      if (leaf === "trials") return { trials: trials() };
      if (leaf === "attempts") return endpointAttempts(kind);
      if (leaf === "receiver-links") {
        const over = { name: "Agency", expires_at: ago(day), last_used_at: undefined, open: false };
        return { links: kind === "empty" ? [] : [receiverLink(1), receiverLink(2, over)] };
      }
      return { endpoints: kind === "empty" ? [] : [endpoint(kind)] };
    case "receiver":
      return receiver(kind, tail, leaf, query);
    case "settings":
      return tail ? { changes: history() } : settings();
    case "reports":
      return tail === "trunks" ? trunkHours(kind) : report(kind, query.get("since") ?? "", query.get("until") ?? "");
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

function post(kind: Day, path: string, purpose: string | undefined): object | undefined {
  if (path === "dial-preview") return dialPreview(kind, purpose);
  if (path === "permission/check") return permission(purpose);
  if (path === "do-not-call/lookup") return standing();
  if (path === "replays/preview") {
    return {
      count: 30,
      oldest: ago(38 * minute),
      newest: ago(minute),
      by_state: { pending: 20, delivered: 0, dead: 3, parked: 7 },
      by_answer: [
        { answer: "503", count: 25 },
        { answer: "422", count: 3 },
        { answer: "timeout", count: 2 },
      ],
    } satisfies Schema<"ReplayPreview">;
  }
  return undefined;
}
