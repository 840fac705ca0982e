import { hashKey, keepPreviousData, useQuery, type QueryKey, type UseQueryOptions } from "@tanstack/react-query";
import { useEffect, useState, type FocusEvent, type PointerEvent } from "react";
import { hold, type Held } from "./hold";

interface Options<Answer, Row> {
  rowsOf: (answer: Answer) => Row[];
  keyOf: (row: Row) => string;
  /** The page of which this is one; the newest is asked for again and again. */
  cursor: string | undefined;
  /** How often; never when it is absent. */
  every?: number | ((answer: Answer | undefined) => number | false);
  /** Somebody works with the rows: some are ticked. */
  busy?: boolean;
}

/**
 * A page of a list that is asked for again. While somebody points at it, has the focus in it, has ticked rows or has scrolled down, no row
 * moves: what came meanwhile is counted, and shown when they ask for it.
 */
export function useList<Answer, Row, Key extends QueryKey>(
  asked: UseQueryOptions<Answer, Error, Answer, Key>,
  { rowsOf, keyOf, cursor, every, busy = false }: Options<Answer, Row>,
) {
  const query = useQuery({
    ...asked,
    placeholderData: keepPreviousData,
    refetchInterval: cursor ? false : typeof every === "function" ? ({ state }) => every(state.data) : (every ?? false),
  });
  const [over, setOver] = useState(false);
  const [inside, setInside] = useState(false);
  const scrolled = useScrolled();
  const still = over || inside || scrolled || busy;

  const page = hashKey(asked.queryKey);
  const latest = query.data && !query.isPlaceholderData ? rowsOf(query.data) : undefined;
  const [shown, setShown] = useState<Shown<Row>>({ page: "", answer: undefined });
  if (latest && (shown.page !== page || shown.answer !== latest)) {
    const before = shown.page === page && still ? shown.held?.rows : undefined;
    setShown({ page, answer: latest, held: before ? hold(before, latest, keyOf) : all(latest) });
  }
  return {
    query,
    keyOf,
    rows: shown.held?.rows,
    fresh: shown.held?.fresh ?? 0,
    gone: shown.held?.gone,
    /** Shows what came meanwhile. */
    show: () => latest && setShown({ page, answer: latest, held: all(latest) }),
    /** Of the element around the list. */
    around: {
      onPointerEnter: (event: PointerEvent) => setOver(event.pointerType === "mouse"),
      onPointerLeave: () => setOver(false),
      onFocus: () => setInside(true),
      onBlur: (event: FocusEvent) => setInside(event.currentTarget.contains(event.relatedTarget)),
    },
  };
}

export type ListOf<Row> = Pick<
  ReturnType<typeof useList<unknown, Row, QueryKey>>,
  "keyOf" | "rows" | "fresh" | "gone" | "show" | "around"
> & {
  query: { error: Error | null; isPlaceholderData: boolean; refetch: () => unknown };
};

interface Shown<Row> {
  page: string;
  answer: Row[] | undefined;
  held?: Held<Row>;
}

const all = <Row>(rows: Row[]): Held<Row> => ({ rows, fresh: 0, gone: new Set() });

const fromTheTop = 80; // pixels that a page is scrolled before its list is being read

function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = () => setScrolled(window.scrollY > fromTheTop);
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, []);
  return scrolled;
}
