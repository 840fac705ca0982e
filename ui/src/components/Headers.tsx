import classes from "./Headers.module.css";

/** Headers by name. Those that are about the transfer come last: they are seldom what one looks for. */
export function Headers({ headers }: { headers: Record<string, string[]> }) {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    values.map((value) => ({ name: name.toLowerCase(), value })),
  );
  if (lines.length === 0) return null;
  lines.sort((a, b) => Number(isTransfer(a.name)) - Number(isTransfer(b.name)) || a.name.localeCompare(b.name));
  return (
    <dl className={classes.headers}>
      {lines.map(({ name, value }, i) => (
        <div key={i}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function isTransfer(name: string): boolean {
  return [
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "date",
    "transfer-encoding",
    "user-agent",
    "vary",
  ].includes(name);
}
