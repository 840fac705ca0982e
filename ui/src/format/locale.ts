const own = typeof navigator === "undefined" ? [] : navigator.languages;

/** How numbers and dates are written: as the browser's English does (1,00,000 in India), else as India's. The words are English. */
export const locale = own.find((l) => /^en\b/i.test(l)) ?? "en-IN";

const whole = new Intl.NumberFormat(locale);

/** Writes a number with the browser's grouping. */
export function formatNumber(n: number): string {
  return whole.format(n);
}
