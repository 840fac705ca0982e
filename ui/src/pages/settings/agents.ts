// Fewer agents, or fewer calls, tell of nothing: a trial has one id.
const fewestAgents = 3;
const fewestCalls = 20;

/**
 * Whether agents seem to have an id of their own, by how many calls each id made: an id that a whole team shares makes most of them.
 */
export function haveOwnIDs(calls: readonly number[]): boolean {
  const all = calls.reduce((sum, n) => sum + n, 0);
  return calls.length >= fewestAgents && all >= fewestCalls && Math.max(...calls) * 2 <= all;
}
