import { throughputs } from './closed-network.mjs';

/** What a cell is taken to be: one PostgreSQL on a machine of its own, and NYX processes with a core each. */
export const CELL = {
  postgresCores: 16,
  walBytesPerSecond: 200e6,
  /** Nothing that is waited for is planned to be busier than this. */
  mostBusy: 0.7,
  /** Model time of a workflow: nobody waits for anybody here. */
  modelMs: 5_000,
  /** Paid calls of a workflow; each changes the balance of the day twice, at its reservation and at its settlement. */
  paidCalls: 1,
};
export const RATES_PER_MINUTE = [1_000, 10_000, 100_000, 1_000_000];

/** On average a commit waits half of the flush that is under way, and then its own. */
const FLUSHES_WAITED = 1.5;
const DAY_SECONDS = 86_400;
/** Two pools, LISTEN, liveness and what upkeep holds. */
const CONNECTIONS_OF_PROCESS = 25;

/** What a workflow asks of one PostgreSQL, in milliseconds of each thing that is waited for. */
const postgresStations = ({ postgresMs, walBytes, rowCommitMs }, cell = CELL) => ({
  cores: { demand: postgresMs, servers: cell.postgresCores },
  log: { demand: (walBytes * 1000) / cell.walBytesPerSecond, servers: 1 },
  day: { demand: 2 * cell.paidCalls * rowCommitMs, servers: 1 },
});

/** Workflows a second at which each of them is busy all the time. */
export const limitsOf = (calibration, cell = CELL) =>
  Object.fromEntries(
    Object.entries(postgresStations(calibration, cell)).map(([name, { demand, servers }]) => [
      name,
      (servers * 1000) / demand,
    ]),
  );

/** How many cells and processes `perMinute` workflows need, and how such a cell then stands. */
export function capacityFor(calibration, perMinute, cell = CELL) {
  const perSecond = perMinute / 60;
  const limit = Math.min(...Object.values(limitsOf(calibration, cell)));
  const cells = Math.ceil(perSecond / (limit * cell.mostBusy));
  const ofCell = perSecond / cells;
  const processes = Math.ceil((ofCell * calibration.nyxThreadMs) / 1000 / cell.mostBusy);
  const { inFlight, addedMs } = standing(calibration, ofCell, processes, cell);
  const stations = Object.entries(postgresStations(calibration, cell));
  return {
    perMinute,
    cells,
    processes: cells * processes,
    connectionsOfCell: processes * CONNECTIONS_OF_PROCESS,
    inFlight: cells * inFlight,
    addedMs,
    busy: Object.fromEntries(stations.map(([name, { demand, servers }]) => [name, (ofCell * demand) / 1000 / servers])),
    walBytesPerDay: perSecond * DAY_SECONDS * calibration.walBytes,
    storedBytesPerDay: perSecond * DAY_SECONDS * calibration.storedBytes,
  };
}

/** So many workflows have to be in flight in a cell that it ends `perSecond`; by Little's law that says how long each takes. */
function standing({ nyxThreadMs, nyxOtherMs, commits, flushMs, ...rest }, perSecond, processes, cell) {
  const delayMs = nyxOtherMs + commits * flushMs * FLUSHES_WAITED + cell.modelMs;
  const stations = [
    { demand: delayMs, servers: Infinity },
    ...Object.values(postgresStations(rest, cell)),
    ...Array.from({ length: processes }, () => ({ demand: nyxThreadMs / processes, servers: 1 })),
  ];
  const alone = stations.reduce((sum, { demand }) => sum + demand, 0);
  const most = Math.ceil((perSecond * alone * 2) / 1000) + 10;
  const ended = throughputs(stations, most).map((perMs) => perMs * 1000);
  const index = ended.findIndex((each) => each >= perSecond);
  if (index === -1) throw new RangeError(`${perSecond} workflows a second are more than a cell can do.`);
  return { inFlight: index + 1, addedMs: ((index + 1) * 1000) / ended[index] - cell.modelMs };
}
