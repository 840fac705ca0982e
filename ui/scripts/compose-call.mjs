// Makes a call in a real browser against the installation that `make compose` has brought up: the console loads over https, and an agent's
// page of another origin joins over wss. The browser trusts Caddy's authority through the NSS database in HOME. Says as JSON what it saw.
import { createRequire } from "node:module";
import { chromium } from "@playwright/test";

const call = JSON.parse(process.env.CALL);
const base = process.env.CLICK2CALL_URL;
const sdk = createRequire(import.meta.url)
  .resolve("livekit-client")
  .replace(/[^/]+$/, "livekit-client.umd.js");
const crm = "https://crm.click2call.internal/";

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  env: process.env,
  args: [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
  ],
});
try {
  const context = await browser.newContext({ permissions: ["microphone"] });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const answer = await page.goto(base, { waitUntil: "load" });
  await page
    .getByLabel(/password/i)
    .first()
    .waitFor();
  const certificate = await answer.securityDetails();

  await page.route(`${crm}**`, (route) => route.fulfill({ contentType: "text/html", body: "<title>CRM</title>" }));
  await page.goto(crm);
  await page.addScriptTag({ path: sdk });
  const heard = await page.evaluate(
    async ({ call, base }) => {
      const { Room, RoomEvent } = globalThis.LivekitClient;
      const post = async (verb, body) => {
        const init = body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
        const r = await fetch(`${base}/api/c2c/calls/${call.call_id}/${verb}`, { method: "POST", ...init });
        if (!r.ok) throw new Error(`${verb}: ${r.status} ${await r.text()}`);
      };
      const room = new Room();
      const customer = (p) => p.identity.startsWith("sip");
      let analyser;
      room.on(RoomEvent.TrackSubscribed, (track, _, p) => {
        if (!customer(p)) return;
        const sound = new globalThis.AudioContext();
        analyser = sound.createAnalyser();
        analyser.fftSize = 8192;
        sound.createMediaStreamSource(new globalThis.MediaStream([track.mediaStreamTrack])).connect(analyser);
        document.body.append(track.attach()); // Chromium gives no sound to Web Audio of a track that nothing plays
      });
      const active = new Promise((resolve) =>
        room.on(
          RoomEvent.ParticipantAttributesChanged,
          (changed, p) => customer(p) && changed["sip.callStatus"] === "active" && resolve(),
        ),
      );
      const left = new Promise((resolve) =>
        room.on(RoomEvent.ParticipantDisconnected, (p) => customer(p) && resolve()),
      );
      await room.connect(call.ws_url, call.token);
      await room.localParticipant.setMicrophoneEnabled(true);
      await post("connect");
      await active;
      await post("status", { status: "ANSWERED" });
      await new Promise((resolve) => globalThis.setTimeout(resolve, 2000));
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      const peak = bins.indexOf(Math.max(...bins));
      await left;
      await post("hangup");
      await room.disconnect();
      return { hz: (peak * analyser.context.sampleRate) / analyser.fftSize, loudest: bins[peak] };
    },
    { call, base },
  );
  process.stdout.write(JSON.stringify({ ...heard, issuer: certificate.issuer, protocol: certificate.protocol }) + "\n");
} finally {
  await browser.close();
}
