import type { Simulation } from './simulator.js';

const BARS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** For people: of each motivation its tasks day by day (its busiest day is a whole bar), its greatest urgency of each day, and why mostly it had none. */
export function chartOf(title: string, { tasks, lives }: Pick<Simulation, 'tasks' | 'lives'>, days: number): string {
  const width = Math.max(...lives.map(({ type }) => type.length));
  const head = [''.padEnd(width), 'tasks a day'.padEnd(days), 'urgency'.padEnd(days), ' all most  mostly not for'];
  const rows = lives.map(({ type, urgencyByDay, rejections }) => {
    const perDay = Array.from({ length: days }, () => 0);
    for (const task of tasks) if (task.type === type) perDay[dayOf(task)] = (perDay[dayOf(task)] ?? 0) + 1;
    const most = Math.max(...perDay);
    const urgencies = Array.from({ length: days }, (_, day) => urgencyByDay[day] ?? 0);
    const all = perDay.reduce((sum, count) => sum + count, 0);
    const [reason] = [...rejections].reduce((one, other) => (other[1] > one[1] ? other : one), ['', 0]);
    const numbers = `${String(all).padStart(4)} ${String(most).padStart(4)}  ${reason}`;
    return [type.padEnd(width), barsOf(perDay, most), barsOf(urgencies, 1), numbers];
  });
  const costUsd = tasks.reduce((sum, { end }) => sum + end.costUsd, 0).toFixed(2);
  return [
    title,
    ...[head, ...rows].map((row) => row.join('  ')),
    `${String(tasks.length)} tasks, ${costUsd} USD`,
    '',
  ].join('\n');
}

const dayOf = ({ beganHour }: { beganHour: number }): number => Math.floor(beganHour / 24);

const barsOf = (values: readonly number[], most: number): string =>
  values.map((value) => BARS[most === 0 ? 0 : Math.ceil((value / most) * 8)]).join('');
