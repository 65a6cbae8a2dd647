import type { components } from '../../../clients/typescript/src/index.js';
import { inSeconds, inUsd, shortened, WIDTH } from './terminal.rules.js';

const BAR_LENGTH = 14;
const PHASES: Readonly<Record<string, string>> = { strategy_selection: 'strategy' };

export type Progress = Pick<
  components['schemas']['WorkflowStatusView'],
  'status' | 'phase' | 'progress_percentage' | 'agents' | 'cost_usd' | 'elapsed_ms'
>;

/** How far a workflow is, in one line. */
export function progressLine(progress: Progress, width = WIDTH): string {
  const { agents, progress_percentage: percentage } = progress;
  const phase = progress.status === 'pending' ? 'waiting' : (PHASES[progress.phase] ?? progress.phase);
  const working = `${agents.active} working, ${agents.completed} done${agents.failed > 0 ? `, ${agents.failed} failed` : ''}`;
  return shortened(
    [
      inSeconds(progress.elapsed_ms).padStart(7),
      phase.padEnd(10),
      `${Math.floor(percentage)} %`.padStart(5),
      bar(percentage),
      working.padEnd(19),
      inUsd(progress.cost_usd),
    ].join('  '),
    width,
  );
}

function bar(percentage: number): string {
  const done = Math.floor((BAR_LENGTH * percentage) / 100);
  return `${'#'.repeat(done)}${'.'.repeat(BAR_LENGTH - done)}`;
}

/** Whether something happened that is worth a line of its own where lines cannot be rewritten. */
export const hasMoved = (before: Progress | undefined, now: Progress): boolean =>
  before?.status !== now.status ||
  before.phase !== now.phase ||
  before.agents.active !== now.agents.active ||
  before.agents.completed !== now.agents.completed ||
  before.agents.failed !== now.agents.failed;
