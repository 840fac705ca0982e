// What a CRM's page would have around the browser SDK. `lab` is what the test reads; a reload begins it anew.
const lab = { answer: null, call: null, events: [], errors: [], done: [], unloads: 0, asks: false, backAfter: null };
const phone = document.getElementById("phone");

addEventListener("securitypolicyviolation", (e) => lab.errors.push(`forbidden by ${e.violatedDirective}: ${e.blockedURI}`));
addEventListener("beforeunload", (e) => {
  lab.unloads++;
  if (lab.asks) e.preventDefault(); // "Leave this page?"
});
for (const name of ["ringing", "answered", "ended", "warning", "reconnecting"])
  phone.addEventListener(name, (e) => lab.events.push(e.detail?.code ?? e.detail?.reason ?? name));
phone.addEventListener("answered", () => (lab.backAfter = performance.now()));

const buttons = { start: () => phone.start(lab.answer), end: () => phone.call.hangUp() };
for (const [id, act] of Object.entries(buttons)) {
  document.getElementById(id).onclick = () =>
    Promise.resolve().then(act).then(() => lab.done.push(id), (err) => lab.errors.push(`${id}: ${err}`));
}

// What axe finds wrong with the telephone in any of its states. They are shown without a call.
lab.accessible = async () => {
  const warnings = ["microphone_silent", "microphone_lost", "microphone_muted", "playback_blocked", "customer_silent"];
  const none = { reconnecting: false, muted: false, onHold: false, warnings: [] };
  const views = ["joining", "dialing", "ringing", "answered", "ended"].flatMap((phase) => [
    { ...none, phase },
    { ...none, phase, reconnecting: true, muted: true },
    { ...none, phase, onHold: true },
    ...warnings.map((warning) => ({ ...none, phase, warnings: [warning] })),
  ]);
  const wrong = new Set();
  for (const view of [null, ...views]) {
    if (view) phone.take({ view, subscribe: () => {} });
    const { violations } = await axe.run(phone, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    for (const v of violations) wrong.add(`${JSON.stringify(view)}: ${v.id}: ${v.help}`);
  }
  phone.call = null;
  return [...wrong];
};
