import { expect, it } from "vitest";
import type { Schema } from "@/api/client";
import { sipWords } from "@/format/sip";
import { nextWords, replyWords } from "./attempts";

const attempt = (change: Partial<Schema<"DialAttempt">>): Schema<"DialAttempt"> => ({
  trunk: "Mumbai",
  trunk_id: "m",
  state: "refused",
  rang: "no",
  started_at: "2026-11-24T08:00:00Z",
  detail: "",
  ...change,
});

it("says SIP codes in words, and those that nobody listed by their class", () => {
  expect(sipWords(503)).toBe("503 service unavailable");
  expect(sipWords(486)).toBe("486 busy");
  expect(sipWords(599)).toBe("599 the carrier failed");
  expect(sipWords(299)).toBe("299");
});

it("says how an attempt ended, also without a code and by a newer server", () => {
  expect(replyWords(attempt({ sip_code: 503 }))).toBe("503 service unavailable");
  expect(replyWords(attempt({ state: "no_reply" }))).toBe("No final reply");
  expect(replyWords(attempt({ state: "" }))).toBe("Under way");
  expect(replyWords(attempt({ state: "lost_in_space" }))).toBe("lost in space");
});

it("says why another trunk was tried, or was not", () => {
  const delhi = attempt({ trunk: "Delhi" });
  expect(nextWords(attempt({}), delhi)).toBe("no phone rang: Delhi was tried");
  expect(nextWords(attempt({ rang: "yes" }), undefined)).toContain("a phone rang");
  expect(nextWords(attempt({ rang: "unknown" }), undefined)).toContain("may have rung");
  expect(nextWords(attempt({}), undefined)).toBe("no other trunk was tried");
  expect(nextWords(attempt({ state: "answered", rang: "yes" }), undefined)).toBe("");
});
