import type { Schema } from "@/api/client";
import { wordsOf } from "@/components/reasons";
import { count } from "@/format/text";
import { formatShort } from "@/format/time";
import classes from "./Dials.module.css";
import { isTrunkFailure } from "./records";

type Dial = Schema<"TrunkDial">;

/** A trunk's last dials as marks, the latest at the right: full and red where the trunk failed, short where nobody answered. */
export function Dials({ dials }: { dials: Dial[] }) {
  if (dials.length === 0) return <span className={classes.none}>Never dialed</span>;
  const failed = dials.filter(isTrunkFailure).length;
  return (
    <span
      className={classes.dials}
      role="img"
      aria-label={`${count(dials.length, "dial")}, ${failed} failed by the trunk`}
    >
      {dials.toReversed().map((d) => (
        <i
          key={d.call_id}
          data-status={isTrunkFailure(d) ? "trunk" : d.call_status}
          title={`${formatShort(new Date(d.ended_at), new Date())}: ${whyOf(d)}`}
        />
      ))}
    </span>
  );
}

/** Why a dial ended, with its SIP code: "trunk unavailable · 503". */
export function whyOf(d: Dial): string {
  const code = d.sip_disconnect_code;
  return wordsOf(d.disconnect_reason) + (code !== null && code !== 200 ? ` · ${code}` : "");
}
