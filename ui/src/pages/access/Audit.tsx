import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import type { Column } from "@/components/DataTable";
import { FilterBar, TextFilter } from "@/components/FilterBar";
import { useFilters } from "@/components/filters";
import { List } from "@/components/list/List";
import { useList } from "@/components/list/useList";
import { Empty } from "@/components/Page";
import { RelativeTime } from "@/components/Time";
import { shortenMiddle } from "@/format/text";
import { TimeRange } from "@/components/TimeRange";

type Entry = Schema<"AuditEntry">;

const columns: Column<Entry>[] = [
  { name: "When", cell: (e) => <RelativeTime at={e.at} short />, width: "130px" },
  { name: "Who", cell: (e) => e.user_name || "–", width: "130px" },
  { name: "What", cell: (e) => e.action.replaceAll("_", " "), width: "170px" },
  {
    name: "On",
    cell: (e) => (
      <span title={e.target} style={{ whiteSpace: "nowrap" }}>
        {shortenMiddle(e.target, 8, 4)}
      </span>
    ),
  },
  { name: "Detail", cell: (e) => <span style={{ overflowWrap: "anywhere" }}>{e.detail}</span>, from: "tablet" },
  { name: "From", cell: (e) => e.address, width: "130px", from: "desktop" },
];

/** Who did what, newest first. */
export function Audit() {
  const filters = useFilters(["since", "until", "user_name", "action"]);
  const text = (name: string) => filters.get(name) ?? undefined;
  const query = {
    since: text("since"),
    until: text("until"),
    user_name: text("user_name"),
    action: text("action"),
    cursor: filters.cursor,
  };
  const list = useList(ask("/api/admin/audit", { query }), {
    rowsOf: (answer) => answer.entries,
    keyOf: (e) => e.audit_id,
    cursor: filters.cursor,
  });
  return (
    <>
      <FilterBar filters={filters}>
        <TimeRange filters={filters} />
        <TextFilter filters={filters} name="user_name" label="Who" />
        <TextFilter
          filters={filters}
          name="action"
          label="What, such as login_failed"
          width={210}
          clean={(t) => t.replaceAll(" ", "_").slice(0, 64)}
        />
      </FilterBar>
      <List
        label="Audit log"
        list={list}
        noun={["entry", "entries"]}
        columns={columns}
        next={list.query.data?.next_cursor}
        empty={<Empty title="No entries match">Everything that people change or reveal is written here.</Empty>}
      />
    </>
  );
}
