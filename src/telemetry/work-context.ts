import { AsyncLocalStorage } from 'node:async_hooks';
import { agentSpanId, workflowSpanId, type TraceContext } from './trace-context.rules.js';

/** What code runs for: a request, or the run of a workflow. */
interface Work {
  readonly trace: TraceContext;
  workflowId?: string;
  /** Of a workflow that runs here: how often it had been begun anew. Undefined: a request. */
  readonly retry?: number;
  /** Of a workflow that runs here: the request that began it, if one did. */
  readonly requestId?: string;
}

const storage = new AsyncLocalStorage<Work>();

/** Undefined outside of requests and workflows. */
export const currentWork = (): Readonly<Work> | undefined => storage.getStore();

export const inWork = <T>(work: Work, run: () => T): T => storage.run(work, run);

/** The run of a workflow from here on belongs to this retry of it. */
export function inRetry<T>(retry: number, run: () => T): T {
  const work = storage.getStore();
  return work === undefined ? run() : storage.run({ ...work, retry }, run);
}

/** The request that this code runs for made this workflow: its later lines in the log say so. */
export function noteWorkflow(workflowId: string): void {
  const work = storage.getStore();
  if (work !== undefined && work.retry === undefined) work.workflowId = workflowId;
}

/** The context of a call that an agent makes in a run, or that the caller of a request makes. */
export function callContext(agentId: string | undefined): TraceContext | undefined {
  const work = storage.getStore();
  if (work === undefined) return undefined;
  const { trace, workflowId, retry } = work;
  if (workflowId === undefined || retry === undefined) return trace;
  return { ...trace, spanId: agentId === undefined ? workflowSpanId(workflowId, retry) : agentSpanId(agentId, retry) };
}
