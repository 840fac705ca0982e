import { useSearchParams } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import type { Column } from "@/components/DataTable";
import { List } from "@/components/list/List";
import { useList } from "@/components/list/useList";
import { Empty } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { formatShort } from "@/format/time";
import { capital } from "@/format/text";
import { ReplayBar } from "./ReplayBar";
import { wordsOfSelection } from "./selection";
import { looks } from "./states";
import { formatNumber } from "@/format/locale";

type Replay = Schema<"Replay">;

/** All replays, newest first; those under way move. */
export function ReplayList() {
  const [params] = useSearchParams();
  const cursor = params.get("cursor") ?? undefined;
  const list = useList(ask("/api/admin/replays", { query: { cursor, limit: 20 } }), {
    rowsOf: (answer) => answer.items,
    keyOf: (r) => r.replay_id,
    cursor,
    every: (answer) => (answer?.items.some((r) => r.state === "running") ? 2_000 : false),
  });
  const trunks = useTrunks();
  const trunkName = (id: string) => trunks.data?.find((t) => t.trunk_id === id)?.label ?? "another trunk";
  const columns: Column<Replay>[] = [
    {
      name: "State",
      cell: (r) => <StatusBadge state={looks[r.state].state} word={looks[r.state].word} />,
      width: "130px",
    },
    {
      name: "What",
      cell: (r) => capital(wordsOfSelection(r.selection, trunkName, (at) => formatShort(new Date(at), new Date()))),
    },
    { name: "Progress", cell: (r) => <ReplayBar replay={r} small />, width: "180px", from: "tablet" },
    { name: "Failed", cell: (r) => formatNumber(r.failed), align: "right", width: "80px", from: "tablet" },
    { name: "Total", cell: (r) => formatNumber(r.total), align: "right", width: "80px" },
    { name: "By", cell: (r) => r.created_by, width: "110px", from: "desktop" },
    {
      name: "Started",
      cell: (r) => <RelativeTime at={r.created_at} short />,
      align: "right",
      width: "120px",
      from: "tablet",
    },
  ];
  return (
    <List
      label="Replays"
      list={list}
      noun={["replay", "replays"]}
      columns={columns}
      hrefOf={(r) => `/deliveries/replays/${r.replay_id}`}
      next={list.query.data?.next_cursor}
      skeletons={2}
      empty={
        <Empty title="No replays yet">
          A replay is for the time after a CRM's outage: it sends what was not taken once more, at a rate that the CRM
          can bear.
        </Empty>
      }
    />
  );
}
