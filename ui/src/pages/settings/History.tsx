import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { ProblemAlert } from "@/components/ProblemAlert";
import { RelativeTime } from "@/components/Time";
import classes from "./History.module.css";

/** What changed in the settings, by whom and when. */
export function History() {
  const history = useQuery({
    ...ask("/api/admin/settings/history"),
    select: (answer) => answer.changes,
  });
  if (history.error) return <ProblemAlert error={history.error} retry={() => void history.refetch()} />;
  if (!history.data) return <Skeleton height={120} />;
  if (history.data.length === 0) return <Text c="dimmed">Nothing has been changed since the first start.</Text>;
  return (
    <ol className={classes.list} reversed>
      {history.data.map((c) => (
        <li key={c.version}>
          <div className={classes.who}>
            <b>{c.by}</b> <RelativeTime at={c.at} />
          </div>
          <ul>
            {c.fields.map((f) => (
              <Change key={f.field} change={f} />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

/** Writes a JSON value as people would: without quotes and brackets. */
function plain(json: string): string {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.map(String).join(", ") : typeof value === "string" ? value : json;
}

function Change({ change: { field, old, new: now } }: { change: Schema<"SettingsFieldChange"> }) {
  return (
    <li>
      {field.replaceAll("_", " ")}{" "}
      {old === null && now === null ? (
        <i>replaced</i>
      ) : (
        <>
          {old !== null && <del>{plain(old)}</del>} {now !== null && <ins>{plain(now)}</ins>}
        </>
      )}
    </li>
  );
}
