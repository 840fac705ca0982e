// Drives one Chromium for the Go tests. Requests come on standard input and answers go to standard output, one JSON
// object a line: {"id": 1, "do": "open", …} is answered by {"id": 1, "result": …} or {"id": 1, "error": "…"}. Chromium
// ends with this process, and this process with its standard input.
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { chromium } from "playwright-core";

const CDN = "https://cdn.jsdelivr.net/npm/livekit-client/dist/livekit-client.umd.min.js";
const SDK = join(import.meta.dirname, "node_modules", "livekit-client", "dist", "livekit-client.umd.js");
const LOG_LIMIT = 500;
const HERE = ["127.0.0.1", "localhost"];

// A server, because it tells its process: a laptop that sleeps stops every process of the browser, and later goes on with them.
const served = await chromium.launchServer({
  executablePath: process.argv[2],
  args: [
    "--no-sandbox",
    "--headless=new",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
  ],
});
const browser = await chromium.connect(served.wsEndpoint());
const pages = new Map(); // by the name that the test gave

function page(name) {
  const found = pages.get(name);
  if (!found) throw new Error(`there is no page ${name}; open it first`);
  return found;
}

// The page's main frame, or the one whose address begins so.
function frame(name, address) {
  const { tab } = page(name);
  const found = address ? tab.frames().find((f) => f.url().startsWith(address)) : tab.mainFrame();
  if (!found) throw new Error(`the page ${name} has no frame of ${address}`);
  return found;
}

function note(list, entry) {
  if (list.length < LOG_LIMIT) list.push({ at: new Date().toISOString(), ...entry });
}

function listen(tab, seen) {
  tab.on("pageerror", (err) => note(seen.errors, { text: String(err) }));
  tab.on("console", (msg) => {
    // LiveKit's SDK logs each data channel that ends with the call as an error; those are not the page's.
    if (msg.type() === "error" && !msg.location().url.endsWith("/livekit-client.umd.min.js")) note(seen.errors, { text: msg.text() });
  });
  tab.on("response", (r) => note(seen.requests, { method: r.request().method(), url: r.url(), status: r.status() }));
  tab.on("requestfailed", (r) => note(seen.requests, { method: r.method(), url: r.url(), failure: r.failure()?.errorText ?? "failed" }));
}

const verbs = {
  // A page of its own context. The SDK comes from this machine instead of the CDN; nothing else leaves this machine.
  async open({ page: name, url }) {
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    const seen = { errors: [], requests: [] };
    await context.route((u) => !HERE.includes(u.hostname), (route) =>
      route.request().url() === CDN ? route.fulfill({ path: SDK, contentType: "application/javascript" }) : route.abort("internetdisconnected"));
    const tab = await context.newPage();
    listen(tab, seen);
    pages.set(name, { tab, context, seen });
    await tab.goto(url, { waitUntil: "load" });
  },
  // The value of a JavaScript expression in the page; promises are awaited.
  eval: ({ page: name, frame: address, expression }) => frame(name, address).evaluate(expression),
  click: ({ page: name, frame: address, selector }) => frame(name, address).click(selector),
  // Waits until a JavaScript expression is true in the page. It is asked from outside: a page's policy may forbid eval, by which
  // waitForFunction asks. A page that is loaded meanwhile is asked again.
  async until({ page: name, frame: address, expression, ms }) {
    let trouble = "";
    for (const end = Date.now() + ms; Date.now() < end; await setTimeout(50)) {
      try {
        if (await frame(name, address).evaluate(expression)) return;
      } catch (err) {
        trouble = `: ${err?.message ?? err}`;
      }
    }
    throw new Error(`still not after ${ms} ms${trouble}`);
  },
  // Closes the tab as a user does, so that beforeunload runs.
  async closeTab({ page: name }) {
    const { tab } = page(name);
    const closed = tab.waitForEvent("close");
    await tab.close({ runBeforeUnload: true });
    await closed;
  },
  goto: ({ page: name, url }) => page(name).tab.goto(url, { waitUntil: "load" }).then(() => null),
  reload: ({ page: name }) => page(name).tab.reload({ waitUntil: "load" }).then(() => null),
  // Cuts the page off the network, or gives it back, as when a laptop goes from one network to another.
  offline: ({ page: name, on }) => page(name).context.setOffline(on),
  // The laptop sleeps, and wakes: all processes of this Chromium at once. It leads their group.
  sleep: ({ on }) => void process.kill(-served.process().pid, on ? "SIGSTOP" : "SIGCONT"),
  // Clicks a link to a file that the server sends for keeping, and returns its name.
  async download({ page: name, selector }) {
    const { tab } = page(name);
    const [file] = await Promise.all([tab.waitForEvent("download"), tab.click(selector)]);
    return file.suggestedFilename();
  },
  // Clicks a link out of a page that asks whether one really wants to leave, and answers "Stay on this page".
  async stay({ page: name, selector }) {
    const { tab } = page(name);
    const asked = tab.waitForEvent("dialog").then((dialog) => dialog.dismiss().then(() => dialog.type()));
    await tab.click(selector); // it waits for the answer
    return asked;
  },
  seen: ({ page: name }) => page(name).seen,
  // All that a person reads in the page, frames included. A frame that goes away meanwhile has nothing to read.
  text: ({ page: name }) =>
    Promise.all(page(name).tab.frames().map((f) => f.evaluate("document.body?.innerText ?? ''").catch(() => ""))).then((all) => all.join("\n")),
  async forget({ page: name }) {
    await page(name).context.close();
    pages.delete(name);
  },
};

function answer(message) {
  process.stdout.write(JSON.stringify(message) + "\n");
}

async function handle(line) {
  const request = JSON.parse(line);
  try {
    const verb = verbs[request.do];
    if (!verb) throw new Error(`unknown request ${request.do}`);
    answer({ id: request.id, result: (await verb(request)) ?? null });
  } catch (err) {
    answer({ id: request.id, error: String(err?.message ?? err) });
  }
}

answer({ id: 0, result: browser.version() });
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void handle(line));
lines.on("close", () => void served.close().finally(() => process.exit(0)));
