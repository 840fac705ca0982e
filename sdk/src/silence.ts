/** How long nothing may come from the customer before the page says so. */
export const silentAfter = 5000; // ms

/** Says how much sound came so far, in packets; undefined when nobody knows. */
export type Counter = () => Promise<number | undefined>;

/**
 * Watches whether anything is heard from the customer, and says so when that changes. A person who says nothing is heard all the
 * same: a telephone sends packets of quiet. No packets at all means that the customer's phone is on hold, or dead.
 * It returns what ends the watching.
 */
export function watchSilence(
  count: Counter,
  changed: (silent: boolean) => void,
  now: () => number = Date.now,
  every = 1000,
): () => void {
  let last: number | undefined;
  let at = now();
  let silent = false;
  const look = async () => {
    const packets = await count().catch(() => undefined);
    if (packets === undefined) return;
    if (packets !== last) {
      last = packets;
      at = now();
    }
    const is = now() - at >= silentAfter;
    if (is !== silent) {
      silent = is;
      changed(is);
    }
  };
  const timer = setInterval(() => void look(), every);
  return () => clearInterval(timer);
}

/** Reads the packets of a received track from its statistics. */
export function packetsOf(stats: RTCStatsReport | undefined): number | undefined {
  for (const entry of stats?.values() ?? []) {
    const inbound = entry as RTCInboundRtpStreamStats;
    if (inbound.type === "inbound-rtp") return inbound.packetsReceived;
  }
  return undefined;
}
