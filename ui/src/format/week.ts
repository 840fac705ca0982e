const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** The weekdays as the API numbers them (0 is Sunday), in the order in which a week is read. */
export const weekdays = [1, 2, 3, 4, 5, 6, 0].map((day) => ({ day, name: names[day] ?? "" }));

/** Writes weekdays: "Mon–Fri", "Sat, Sun", "every day". None is every day. */
export function daysWords(days: readonly number[]): string {
  const on = weekdays.map(({ day }) => days.includes(day));
  if (!on.includes(false) || !on.includes(true)) return "every day";
  const runs: number[][] = [];
  on.forEach((is, i) => {
    if (!is) return;
    if (i > 0 && on[i - 1]) runs.at(-1)?.push(i);
    else runs.push([i]);
  });
  const name = (i: number | undefined) => weekdays[i ?? 0]?.name ?? "";
  return runs
    .map((run) => (run.length > 2 ? `${name(run[0])}–${name(run.at(-1))}` : run.map(name).join(", ")))
    .join(", ");
}

/** Whether a text is a time of day as the API takes it: 00:00 to 24:00. */
export function isTimeOfDay(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text);
}
