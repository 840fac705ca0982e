import type { Schema } from "@/api/client";
import { CopyButton } from "@/components/Ident";
import classes from "./Preview.module.css";

/** What one trunk makes of a number: the CRM's view at the left, the dialed string step by step at the right. */
export function TrunkSteps({ preview, clean }: { preview: Schema<"TrunkPreview">; clean: string }) {
  const { trunk, steps, picked } = preview;
  return (
    <section className={classes.trunk} aria-label={`Trunk ${trunk.label}`} data-off={!trunk.enabled || undefined}>
      <header>
        <h2>{trunk.label}</h2>
        {picked && <span className={classes.picked}>the next call leaves here</span>}
        {!trunk.enabled && <span className={classes.off}>disabled</span>}
      </header>
      <ol className={classes.steps}>
        {steps.map((s, i) => (
          <li key={`${s.rule}-${i}`} data-failed={!s.ok || undefined}>
            <span className={classes.rule}>{s.title}</span>
            <span className={classes.value}>
              {s.ok ? <Grown before={s.before} after={s.after} /> : s.before || "–"}
            </span>
          </li>
        ))}
      </ol>
      {preview.problems
        .filter((p) => p.field !== "customer_number")
        .map((p) => (
          <p key={p.field + p.message} className={classes.problem}>
            <b>{p.field}</b> {p.message}
          </p>
        ))}
      <dl className={classes.results}>
        <div>
          <dt>The CRM sees</dt>
          <dd>{clean}</dd>
        </div>
        <div data-internal>
          <dt>We dial</dt>
          <dd>
            {preview.dialed ?? "nothing"} {preview.dialed && <CopyButton value={preview.dialed} name="dialed string" />}
          </dd>
        </div>
        <div>
          <dt>The customer sees</dt>
          <dd>{preview.did ?? "–"}</dd>
        </div>
      </dl>
    </section>
  );
}

/** Sets off what a rule added before or after the digits. */
function Grown({ before, after }: { before: string; after: string }) {
  if (after === before || !after.includes(before) || before === "") return <>{after}</>;
  const at = after.indexOf(before);
  return (
    <>
      {at > 0 && <mark>{after.slice(0, at)}</mark>}
      {before}
      {after.length > at + before.length && <mark>{after.slice(at + before.length)}</mark>}
    </>
  );
}
