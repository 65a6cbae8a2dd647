import { createHash, randomUUID } from 'node:crypto';

/** Where work belongs in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The span that is the parent of what comes below, 16 hexadecimal digits; undefined: there is none. */
  readonly spanId: string | undefined;
  /** Whether its spans are recorded. */
  readonly isSampled: boolean;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 0x01;

/** A `traceparent` of the W3C's Trace Context; undefined when it is none. */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  const parts = typeof text === 'string' ? TRACEPARENT.exec(text) : null;
  if (parts === null) return undefined;
  const [, traceId = '', spanId = '', flags = '', more] = parts;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  // Only later versions may say more.
  if (more !== undefined && parts[0].startsWith('00')) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Undefined where there is no span to be the parent. */
export const formatTraceparent = ({ traceId, spanId, isSampled }: TraceContext): string | undefined =>
  spanId === undefined ? undefined : `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

const digest = (parts: readonly (string | number)[]): string =>
  createHash('sha256').update(parts.join('/')).digest('hex');

/** The same parts give the same span id, on every replica and after every crash. */
export const derivedSpanId = (...parts: readonly (string | number)[]): string => digest(parts).slice(0, 16);

export const newSpanId = (): string => randomUUID().replaceAll('-', '').slice(16);
export const newTraceId = (): string => randomUUID().replaceAll('-', '');

/** Where a workflow belongs: in the trace of the request that began it, else in one of its own. */
export const traceOfWorkflow = (workflowId: string, traceparent: string | null | undefined): TraceContext =>
  parseTraceparent(traceparent) ?? {
    traceId: digest(['trace', workflowId]).slice(0, 32),
    spanId: undefined,
    isSampled: true,
  };

/** @param retry how often the workflow had been begun anew */
export const workflowSpanId = (workflowId: string, retry: number): string =>
  derivedSpanId('workflow', workflowId, retry);
export const agentSpanId = (agentId: string, retry: number): string => derivedSpanId('agent', agentId, retry);
