import type { ReactNode } from "react";
import { Link } from "react-router";
import { StatusBadge } from "@/components/Status";
import classes from "./Ledger.module.css";
import { formatNumber } from "@/format/locale";

interface Line {
  name: string;
  n: number;
  /** Where these are listed. */
  to?: string;
  /** There must be none. */
  never?: boolean;
}

/** An account: its lines, and the sum that they must come to. */
export function Sum({ label, lines, total }: { label: string; lines: Line[]; total: Line }) {
  const counted = lines.filter((l) => !l.never).reduce((sum, l) => sum + l.n, 0);
  const astray = Math.max(Math.abs(total.n - counted), ...lines.filter((l) => l.never).map((l) => l.n));
  return (
    <table className={classes.sum} aria-label={label}>
      <tbody>
        {lines.map((l) => (
          <tr key={l.name} data-wrong={(l.never && l.n > 0) || undefined}>
            <th scope="row">{named(l)}</th>
            <td>{formatNumber(l.n)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">
            {named(total)}{" "}
            <StatusBadge
              quiet={astray === 0}
              state={astray === 0 ? "ok" : "failing"}
              word={astray === 0 ? "Adds up" : `${formatNumber(astray)} astray`}
            />
          </th>
          <td>{formatNumber(total.n)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

function named({ name, to }: Line): ReactNode {
  return to ? <Link to={to}>{name}</Link> : name;
}
