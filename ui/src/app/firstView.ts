import type { QueryClient } from "@tanstack/react-query";
import { forgetEarly } from "@/api/early";
import { overviewQuery } from "@/live/overview";
import { pageOf } from "./base";
import { meQuery } from "./session";

/** How long the first paint may wait for the overview. A slower server gets the page with its bones. */
const patienceMs = 100;

/**
 * Reads what the first paint shows. The answers are usually here already, because public/start.js asked for them; the page is
 * then drawn once, not three times: without a person, without numbers, with both.
 */
export async function readFirstView(client: QueryClient): Promise<void> {
  await read(client, pageOf(window.location.pathname));
  forgetEarly();
}

async function read(client: QueryClient, pathname: string): Promise<void> {
  if (pathname === "/login" || pathname === "/receiver" || pathname.startsWith("/integration")) return;
  await client.prefetchQuery(meQuery); // Guard shows nothing without it
  const me = client.getQueryData(meQuery.queryKey);
  if (pathname !== "/" || !me || me.user.must_change_password) return;
  await Promise.race([client.prefetchQuery(overviewQuery), new Promise((done) => setTimeout(done, patienceMs))]);
}
