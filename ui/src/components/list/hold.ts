/** A list that holds still: what is shown, how many rows came meanwhile, and which of the shown ones would not be there any more. */
export interface Held<Row> {
  rows: Row[];
  fresh: number;
  gone: ReadonlySet<string>;
}

/**
 * Brings what is shown up to date without moving a row: each is replaced by its newer self where it stands. Rows that the answer
 * does not have stand as they were; those above one that it has are gone from it, and those below may only have moved to the next page.
 */
export function hold<Row>(shown: Row[], latest: Row[], keyOf: (row: Row) => string): Held<Row> {
  const newer = new Map(latest.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const last = shown.findLastIndex((row) => newer.has(keyOf(row)));
  return {
    rows: shown.map((row) => newer.get(keyOf(row)) ?? row),
    fresh: latest.filter((row) => !known.has(keyOf(row))).length,
    gone: new Set(shown.filter((row, i) => i < last && !newer.has(keyOf(row))).map(keyOf)),
  };
}
