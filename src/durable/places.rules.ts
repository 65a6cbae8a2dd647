/** More workflows that compute at once make none of them end earlier, and what people ask for meanwhile slower. */
const MOST_WHEN_BUSY = 8;
/** Of the event loop's time. */
const BUSY_FROM = 0.7;

/**
 * How many workflows may have a place in this process now. Those that `wait` for something that may take days take none, and those that
 * are `away`, at a model, a tool or their children, none of the few of a busy process.
 *
 * @param utilization of the event loop, 0 to 1
 */
export function placesFor(limit: number, now: { waiting: number; away: number; utilization: number }): number {
  const most = now.utilization < BUSY_FROM ? limit : Math.min(limit, MOST_WHEN_BUSY + now.away);
  return most + now.waiting;
}
