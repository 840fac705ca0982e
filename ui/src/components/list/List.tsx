import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";
import { formatNumber } from "@/format/locale";
import { count } from "@/format/text";
import { DataTable, Pager } from "../DataTable";
import classes from "./List.module.css";
import type { ListOf } from "./useList";

type TableProps<Row> = ComponentProps<typeof DataTable<Row>>;

interface Props<Row> extends Omit<TableProps<Row>, "rows" | "keyOf" | "error" | "retry" | "dimmed" | "faded"> {
  list: ListOf<Row>;
  /** What a row is called: one, and several. */
  noun: [one: string, many: string];
  /** How many rows there are on all pages, in words. */
  total?: ReactNode;
  /** What can be done with the ticked rows. */
  chosen?: ReactNode;
  next: string | undefined;
}

/** A list with what is said of it above, and its pages below. */
export function List<Row>({ list, noun, total, chosen, next, ...table }: Props<Row>) {
  const { query, rows, fresh, gone, show } = list;
  return (
    <div {...list.around}>
      {(rows?.length !== 0 || fresh > 0) && (
        <div className={classes.head}>
          {chosen || <span>{total ?? (rows && `${formatNumber(rows.length)} on this page`)}</span>}
          <span aria-live="polite" className={classes.news}>
            {(fresh > 0 || (gone?.size ?? 0) > 0) && (
              <Button size="compact-sm" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={show}>
                {fresh > 0 ? count(fresh, `new ${noun[0]}`, `new ${noun[1]}`) : `${gone?.size ?? 0} left the list`}
              </Button>
            )}
          </span>
        </div>
      )}
      <DataTable
        {...table}
        rows={rows}
        keyOf={list.keyOf}
        faded={gone && gone.size > 0 ? (row) => gone.has(list.keyOf(row)) : undefined}
        error={query.error}
        retry={() => void query.refetch()}
        dimmed={query.isPlaceholderData}
      />
      <Pager next={next} />
    </div>
  );
}
