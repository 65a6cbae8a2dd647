/** What is measured of one replica, and what two and three of them did, under the names that `docs/scale.md` gives them. */
export const FIGURES = {
  cores: 'cores that were used by these or free',
  customers: 'workflows at once',
  loadMs: 'CPU of the load generator, ms a workflow',
  nyxThreadMs: "CPU of NYX' main thread, ms a workflow",
  nyxOtherMs: "CPU of NYX' other threads, ms a workflow",
  postgresMs: 'CPU of PostgreSQL, ms a workflow',
  commits: 'commits a workflow',
  flushMs: 'one flush of the WAL, ms',
  walBytes: 'WAL, bytes a workflow',
  storedBytes: 'growth of the database, bytes a workflow',
  rowCommitMs: 'one of many commits that change the same row, ms',
  oneReplica: 'workflows a second, 1 replica',
  twoReplicas: 'workflows a second, 2 replicas',
  threeReplicas: 'workflows a second, 3 replicas',
};

const MAY_BE_ZERO = ['loadMs', 'nyxOtherMs', 'flushMs'];
/** Clocks of processes tick each 10 ms, and counters of PostgreSQL arrive late. */
const TOLERANCE = 1.1;

/**
 * The calibration itself when it can be true. Of a quick run, in which each of these clocks and counters may have moved or not, it only has
 * to be numbers.
 * @throws RangeError naming what cannot
 */
export function checkedCalibration(calibration, { isQuick = false } = {}) {
  for (const [name, label] of Object.entries(FIGURES)) {
    const value = calibration[name];
    const isPossible = isQuick || value > 0 || (value === 0 && MAY_BE_ZERO.includes(name));
    if (!Number.isFinite(value) || !isPossible)
      throw new RangeError(`"${label}" must be a number above 0, and is ${value}.`);
  }
  const { cores, customers, oneReplica, nyxThreadMs } = calibration;
  if (!Number.isInteger(customers))
    throw new RangeError(`"${FIGURES.customers}" must be a whole number, and is ${customers}.`);
  if (isQuick) return calibration;
  checkUse('The main thread of one replica', oneReplica * nyxThreadMs, 1);
  checkUse('The machine', oneReplica * cpuMsOf(calibration), cores);
  return calibration;
}

/** Utilisation law: nothing is busy for longer than time passes. */
function checkUse(what, busyMsPerSecond, servers) {
  if (busyMsPerSecond / 1000 > servers * TOLERANCE)
    throw new RangeError(`${what} cannot have been busy ${busyMsPerSecond.toFixed(0)} ms of a second.`);
}

const cpuMsOf = ({ loadMs, nyxThreadMs, nyxOtherMs, postgresMs }) => loadMs + nyxThreadMs + nyxOtherMs + postgresMs;

/** Reads the table that `FIGURES` labels in a Markdown text. */
export function calibrationIn(markdown) {
  const cells = markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const valueOf = (label) =>
    Number(cells.find(([, figure]) => figure === label)?.[2]?.replaceAll(',', '') ?? Number.NaN);
  return checkedCalibration(Object.fromEntries(Object.entries(FIGURES).map(([name, label]) => [name, valueOf(label)])));
}
