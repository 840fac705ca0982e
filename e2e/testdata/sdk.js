// What a CRM's page would have around the browser SDK. `lab` is what the test reads; a reload begins it anew.
const lab = { answer: null, call: null, events: [], errors: [], done: [], unloads: 0, backAfter: null };
const phone = document.getElementById("phone");

addEventListener("securitypolicyviolation", (e) => lab.errors.push(`forbidden by ${e.violatedDirective}: ${e.blockedURI}`));
addEventListener("beforeunload", () => lab.unloads++);
for (const name of ["ringing", "answered", "ended", "warning", "reconnecting"])
  phone.addEventListener(name, (e) => lab.events.push(e.detail?.code ?? e.detail?.reason ?? name));
phone.addEventListener("answered", () => (lab.backAfter = performance.now()));

const buttons = { start: () => phone.start(lab.answer), end: () => phone.call.hangUp() };
for (const [id, act] of Object.entries(buttons)) {
  document.getElementById(id).onclick = () =>
    Promise.resolve().then(act).then(() => lab.done.push(id), (err) => lab.errors.push(`${id}: ${err}`));
}
