/** The ids with one of them a place further up or down. At either end it stays. */
export function moved(all: readonly string[], id: string, step: 1 | -1): string[] {
  const at = all.indexOf(id);
  const to = at + step;
  if (at === -1 || to < 0 || to >= all.length) return [...all];
  return all.toSpliced(at, 1).toSpliced(to, 0, id);
}
