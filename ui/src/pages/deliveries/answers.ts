/** What came instead of an answer, in words; see DeliveryAnswer of the API. */
const classes: Record<string, string> = {
  timeout: "timeout",
  connect: "no connection",
  dns: "name not found",
  tls: "TLS failure",
  closed: "connection closed early",
  address: "address not allowed",
  configuration: "endpoint not set up",
  other: "another failure",
};

/** How an attempt failed, in words: "503", "any 5xx", "timeout". */
export function wordsOfAnswer(answer: string): string {
  return classes[answer] ?? (answer.endsWith("xx") ? `any ${answer}` : answer);
}

/**
 * What the list can be narrowed to: the answers that there are, with how many, and the classes of which there are several codes.
 * The chosen one is among them even when nothing has it any more.
 */
export function answerChoices(counts: { answer: string; count: number }[], chosen: string | null) {
  const choices = counts.map(({ answer, count }) => ({ value: answer, label: `${wordsOfAnswer(answer)} (${count})` }));
  for (const group of ["4xx", "5xx"]) {
    const of = counts.filter(({ answer }) => /^\d{3}$/.test(answer) && answer[0] === group[0]);
    if (of.length < 2) continue;
    const sum = of.reduce((n, { count }) => n + count, 0);
    choices.push({ value: group, label: `${wordsOfAnswer(group)} (${sum})` });
  }
  if (chosen && !choices.some((c) => c.value === chosen)) choices.push({ value: chosen, label: wordsOfAnswer(chosen) });
  return choices;
}
