import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { DataTable, Pager, type Column } from "@/components/DataTable";
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
  const replays = useQuery({
    ...ask("/api/admin/replays", { query: { cursor, limit: 20 } }),
    refetchInterval: ({ state }) => (state.data?.items.some((r) => r.state === "running") ? 2_000 : false),
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
    <>
      <DataTable
        label="Replays"
        columns={columns}
        rows={replays.data?.items}
        keyOf={(r) => r.replay_id}
        hrefOf={(r) => `/deliveries/replays/${r.replay_id}`}
        error={replays.error}
        retry={() => void replays.refetch()}
        skeletons={2}
        empty={
          <Empty title="No replays yet">
            A replay is for the time after a CRM's outage: it sends what was not taken once more, at a rate that the CRM
            can bear.
          </Empty>
        }
      />
      <Pager next={replays.data?.next_cursor} />
    </>
  );
}
