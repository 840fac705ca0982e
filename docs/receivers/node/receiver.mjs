// A receiver of click2call's webhooks, for you to copy. It verifies with the official Standard Webhooks library, keeps
// each event once and for good, answers at once and works later. Its inbox is a directory of files, so that it runs as it
// is; in a CRM, a table with a unique index on the webhook-id takes that place.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { link, mkdir, open, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";

const maxBody = 64 * 1024;
const eventID = /^evt_[a-z0-9_]{1,64}$/; // a file can be named after it

const verifier = new Webhook(required("CLICK2CALL_WEBHOOK_SECRET"));
const key = required("CLICK2CALL_OUTBOUND_KEY");
const dir = process.env.EVENTS_DIR ?? "events";
const [, host, port] = /^(.*):(\d+)$/.exec(process.env.LISTEN ?? "0.0.0.0:3000");

function required(name) {
  const value = process.env[name];
  if (!value) {
    console.error(`set ${name}: see README.md`);
    process.exit(2);
  }
  return value;
}

// same compares in constant time, whatever the lengths.
function same(a, b) {
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function readBody(request) {
  const pieces = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size > maxBody) throw new Error("the body is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

// keep returns when the event is safe on disk, or was before. Of several at the same moment only one creates the name, and
// a name is never there without its whole content.
async function keep(id, body) {
  const temporary = join(dir, `${id}.${randomUUID()}.new`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, join(dir, `${id}.json`));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  } finally {
    await unlink(temporary);
  }
  const names = await open(dir); // the names themselves must be safe; also for a duplicate: the first one may still be at it
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

// answer is the whole of a good receiver: verify first, keep once, answer, and leave the work to another.
async function answer(request) {
  if (request.method !== "POST" || request.url !== "/webhooks/click2call") return 404;
  let body;
  try {
    body = await readBody(request);
  } catch {
    return 400;
  }
  if (!same(request.headers["x-api-key"] ?? "", key)) return 401;
  try {
    verifier.verify(body, request.headers); // the raw bytes; it also refuses timestamps beyond five minutes
  } catch {
    return 401;
  }
  const id = request.headers["webhook-id"];
  if (!eventID.test(id)) return 400;
  try {
    await keep(id, body);
  } catch (error) {
    console.error(`cannot keep ${id}:`, error);
    return 503; // it will be sent again
  }
  wake();
  return 204; // the same for an event that was here before
}

// work is where your CRM's own work goes. A crash between the work and its mark means that the work is done again, so let
// it be one transaction in a database.
async function work() {
  const names = new Set(await readdir(dir));
  for (const name of names) {
    const id = name.replace(/\.json$/, "");
    if (id === name || names.has(`${id}.done`)) continue;
    const outcome = JSON.parse(await readFile(join(dir, name), "utf8"));
    console.log(`worked on ${id}: case ${outcome.case_id}, ${outcome.call_status}, ${outcome.disconnect_reason}`);
    await writeFile(join(dir, `${id}.done`), "", { mode: 0o600 });
  }
}

let busy = Promise.resolve(); // one after the other
function wake() {
  busy = busy.then(work).catch((error) => console.error(error));
}

await mkdir(dir, { recursive: true, mode: 0o700 });
wake(); // what a crash left undone
const server = createServer((request, response) => {
  answer(request).then(
    (status) => response.writeHead(status).end(),
    (error) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.requestTimeout = 15_000;
server.listen(Number(port), host, () => {
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}/webhooks/click2call`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
