import type { DurableInput } from './durable.types.js';
import { EventLoopLoad } from './event-loop-load.js';
import { placesFor } from './places.rules.js';

/** An effect that takes longer is at a model or a tool, and computes nothing here. */
const AWAY_MS = 500;

/** A durable function under way in this process. */
export interface Run {
  readonly workflowId: string;
  /** What its functions are handed on. */
  readonly origin: Pick<DurableInput, 'traceparent' | 'requestId'>;
  readonly abort: AbortController;
  /** For waits that hold nothing: they end when this process begins to stop. */
  readonly idle: AbortController;
  /** Of the workflow itself, which has a place; its branches have none. */
  readonly isWhole: boolean;
  /** Waits under way that hold nothing. */
  waits: number;
  hasWaited: boolean;
  /** When each effect under way began; a wait for children is as old as can be. */
  readonly effects: Set<{ readonly beganMs: number }>;
}

const isWaiting = (runs: readonly Run[]): boolean => runs.some(({ waits }) => waits > 0);

/** The durable functions that run in this process, by workflow. */
export class RunningWorkflows {
  private readonly runs = new Map<string, Set<Run>>();
  private readonly load = new EventLoopLoad();

  add(run: Run): void {
    const siblings = this.runs.get(run.workflowId) ?? new Set<Run>();
    this.runs.set(run.workflowId, siblings.add(run));
  }

  delete(run: Run): void {
    const siblings = this.runs.get(run.workflowId);
    siblings?.delete(run);
    if (siblings?.size === 0) this.runs.delete(run.workflowId);
  }

  get ids(): string[] {
    return [...this.runs.keys()];
  }

  of(workflowId: string): Iterable<Run> {
    return this.runs.get(workflowId) ?? [];
  }

  all(): Run[] {
    return [...this.runs.values()].flatMap((runs) => [...runs]);
  }

  /** How many workflows have a place here. */
  get count(): number {
    return this.wholes().length;
  }

  /** How many may have one now, of `limit`. */
  places(limit: number): number {
    const wholes = this.wholes();
    const agoMs = performance.now() - AWAY_MS;
    const isAway = (runs: readonly Run[]): boolean =>
      runs.some(({ effects }) => [...effects].some(({ beganMs }) => beganMs < agoMs));
    return placesFor(limit, {
      waiting: wholes.filter(isWaiting).length,
      away: wholes.filter((runs) => !isWaiting(runs) && isAway(runs)).length,
      utilization: this.load.highest(),
    });
  }

  /** Of each workflow that has a place here, what runs of it. */
  private wholes(): Run[][] {
    return [...this.runs.values()].map((runs) => [...runs]).filter((runs) => runs.some(({ isWhole }) => isWhole));
  }
}
