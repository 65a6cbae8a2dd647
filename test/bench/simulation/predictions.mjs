import { simulateMachine } from './shared-machine.mjs';

const MEASURED = ['oneReplica', 'twoReplicas', 'threeReplicas'];

/** What the simulation says of 1, 2 and 3 replicas, knowing only what was measured of one; beside what was measured. */
export function predictions({
  cores,
  customers,
  loadMs,
  nyxThreadMs,
  nyxOtherMs,
  postgresMs,
  commits,
  flushMs,
  ...calibration
}) {
  const demands = { loadMs, nyxThreadMs, nyxOtherMs, postgresMs, commits, flushMs };
  return MEASURED.map((name, index) => {
    const { perSecond, busyCores } = simulateMachine({ cores, replicas: index + 1, customers, demands });
    const measured = calibration[name];
    return { replicas: index + 1, perSecond, busyCores, measured, errorPercent: (perSecond / measured - 1) * 100 };
  });
}
