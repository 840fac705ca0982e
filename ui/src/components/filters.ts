import { useSearchParams } from "react-router";

/** The filters of a list, kept in the address: every view can be sent to a colleague. */
export function useFilters(names: readonly string[]) {
  const [params, setParams] = useSearchParams();
  const set = (changes: Record<string, string | null>) => {
    setParams(
      (was) => {
        const next = new URLSearchParams(was);
        next.delete("cursor"); // a cursor belongs to the filters that it was made with
        for (const [name, value] of Object.entries(changes)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  return {
    get: (name: string) => params.get(name),
    set,
    clear: () => set(Object.fromEntries(names.map((n) => [n, null]))),
    active: names.filter((n) => params.has(n)).length,
    cursor: params.get("cursor") ?? undefined,
  };
}

export type Filters = ReturnType<typeof useFilters>;
