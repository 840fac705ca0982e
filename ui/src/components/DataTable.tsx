import { Button, Group, Skeleton } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";
import classes from "./DataTable.module.css";
import { ProblemAlert } from "./ProblemAlert";

/** A column. Its order is fixed: the hand learns where things are. */
export interface Column<Row> {
  name: string;
  /** Hides the words of the head, not the column. */
  unnamed?: boolean;
  cell: (row: Row) => ReactNode;
  align?: "right";
  width?: string;
  /** Narrower screens leave the column out. */
  from?: "tablet" | "desktop";
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  keyOf: (row: Row) => string;
  /** Makes the row a link: its first cell holds it, and it covers the row. */
  hrefOf?: (row: Row) => string;
  /** What acts on a row; shown when the row is hovered or holds the focus, always on touch screens. */
  actions?: (row: Row) => ReactNode;
  /** Rows can be ticked: which are, and what one is called. */
  ticks?: Ticks<Row>;
  error?: Error | null;
  retry?: () => void;
  empty: ReactNode;
  skeletons?: number;
  dimmed?: boolean;
  /** Rows that are shown only because nothing may move: they are not in the list any more. */
  faded?: (row: Row) => boolean;
}

interface Ticks<Row> {
  chosen: ReadonlySet<string>;
  set: (chosen: Set<string>) => void;
  nameOf: (row: Row) => string;
}

/** A list. While it loads it has the shape of what comes. Arrow down and up, or j and k, walk through its rows. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, rows, error, retry, empty } = props;
  if (error && !rows) return <ProblemAlert error={error} retry={retry} />;
  if (rows?.length === 0) return <>{empty}</>;
  return (
    <>
      {error && <ProblemAlert error={error} retry={retry} />}
      <div
        className={classes.scroll}
        data-dimmed={props.dimmed || undefined}
        {...(props.hrefOf || props.actions ? {} : { tabIndex: 0, role: "region", "aria-label": label })}
      >
        <table className={classes.table} aria-label={label} aria-busy={!rows}>
          <thead>
            <tr>
              {props.ticks && <TickAll {...props} ticks={props.ticks} />}
              {columns.map((c) => (
                <th key={c.name} scope="col" data-align={c.align} data-from={c.from} style={{ width: c.width }}>
                  {c.unnamed ? <span className={classes.hidden}>{c.name}</span> : c.name}
                </th>
              ))}
              {props.actions && (
                <th scope="col" className={classes.actions}>
                  <span className={classes.hidden}>Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows ? rows.map((row) => <TableRow key={props.keyOf(row)} row={row} {...props} />) : <Bones {...props} />}
          </tbody>
        </table>
      </div>
    </>
  );
}

function TickAll<Row>({ rows = [], keyOf, ticks }: Props<Row> & { ticks: Ticks<Row> }) {
  const keys = rows.map(keyOf);
  const chosen = keys.filter((k) => ticks.chosen.has(k)).length;
  const toggle = () => {
    const next = new Set(ticks.chosen);
    for (const k of keys)
      if (chosen === keys.length) next.delete(k);
      else next.add(k);
    ticks.set(next);
  };
  return (
    <th scope="col" className={classes.tick}>
      <input
        type="checkbox"
        aria-label="All on this page"
        checked={chosen > 0 && chosen === keys.length}
        ref={(box) => {
          if (box) box.indeterminate = chosen > 0 && chosen < keys.length;
        }}
        onChange={toggle}
      />
    </th>
  );
}

function Tick<Row>({ row, keyOf, ticks }: Props<Row> & { row: Row; ticks: Ticks<Row> }) {
  const key = keyOf(row);
  const toggle = () => {
    const next = new Set(ticks.chosen);
    if (!next.delete(key)) next.add(key);
    ticks.set(next);
  };
  return (
    <td className={classes.tick}>
      <input type="checkbox" aria-label={ticks.nameOf(row)} checked={ticks.chosen.has(key)} onChange={toggle} />
    </td>
  );
}

function TableRow<Row>(props: Props<Row> & { row: Row }) {
  const { row, columns, hrefOf, actions, ticks } = props;
  const href = hrefOf?.(row);
  return (
    // Keys have the link in the first cell.
    <tr
      data-row={href ? "link" : "plain"}
      data-faded={props.faded?.(row) || undefined}
      onClick={href ? follow : undefined}
    >
      {ticks && <Tick {...props} ticks={ticks} />}
      {columns.map((c, i) => (
        <td key={c.name} data-align={c.align} data-from={c.from}>
          {i === 0 && href ? (
            <Link to={href} className={classes.link} data-row-link>
              {c.cell(row)}
            </Link>
          ) : (
            c.cell(row)
          )}
        </td>
      ))}
      {actions && <td className={classes.actions}>{actions(row)}</td>}
    </tr>
  );
}

/** Follows the row's link wherever the row is clicked, but where something else hears the click or text is being selected. */
function follow(event: MouseEvent<HTMLTableRowElement>) {
  if (event.target instanceof Element && event.target.closest("a, button, input, label, [role=dialog]")) return;
  if (window.getSelection()?.isCollapsed === false) return;
  const { ctrlKey, metaKey, shiftKey } = event;
  const click = new window.MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
  event.currentTarget.querySelector("[data-row-link]")?.dispatchEvent(click);
}

function Bones<Row>({ columns, actions, ticks, skeletons = 8 }: Props<Row>) {
  return Array.from({ length: skeletons }, (_, i) => (
    <tr key={i}>
      {ticks && <td className={classes.tick} />}
      {columns.map((c, j) => (
        <td key={c.name} data-from={c.from}>
          <Skeleton height={12} width={`${50 + ((i * 7 + j * 13) % 40)}%`} my={5} />
        </td>
      ))}
      {actions && <td />}
    </tr>
  ));
}

/** Walks a list by its cursors. The way back is the browser's own history, so it shows what was there. */
export function Pager({ next }: { next?: string }) {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const location = useLocation();
  const cursor = params.get("cursor");
  if (!next && !cursor) return null;
  const to = (value: string | null) => {
    const search = new URLSearchParams(params);
    if (value) search.set("cursor", value);
    else search.delete("cursor");
    return { search: search.toString() };
  };
  const cameFromNewer = (location.state as { paged?: boolean } | null)?.paged === true;
  return (
    <Group justify="flex-end" gap="xs" mt="sm" component="nav" aria-label="Pages">
      {cursor && (
        <Button variant="subtle" size="xs" color="gray" component={Link} to={to(null)}>
          Newest
        </Button>
      )}
      <Button
        variant="default"
        size="xs"
        disabled={!cursor}
        onClick={() => void (cameFromNewer ? navigate(-1) : navigate(to(null)))}
      >
        Newer
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={!next}
        onClick={() => void navigate(to(next ?? null), { state: { paged: true } })}
      >
        Older
      </Button>
    </Group>
  );
}
