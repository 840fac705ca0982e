import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import type { Schema } from "@/api/client";
import { Checklist } from "./Checklist";

const all = ["livekit", "trunk", "webhook", "api_key", "first_call"] as const;

function drawn(done: readonly Schema<"SetupStep">["step"][]): string {
  const steps = all.map((step) => ({ step, done: done.includes(step) }));
  return renderToStaticMarkup(
    <MantineProvider>
      <MemoryRouter>
        <Checklist setup={{ steps }} />
      </MemoryRouter>
    </MantineProvider>,
  );
}

test("each step that is left leads to where it is done, and the first of them is the next", () => {
  const page = drawn(["livekit", "webhook"]);
  expect(page).toContain("2 of 5 done");
  expect([...page.matchAll(/href="([^"]+)"/g)].map((m) => m[1])).toEqual([
    "/trunks/new",
    "/access?tab=keys",
    "/test-call",
  ]);
  expect(page.match(/aria-current="step"[\s\S]*?<b>([^<]+)/)?.[1]).toBe("Add a trunk");
  expect(page.match(/aria-label="Done"/g)).toHaveLength(2);
});
