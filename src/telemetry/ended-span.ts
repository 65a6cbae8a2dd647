import type { TraceContext } from './trace-context.rules.js';

/** A span that has ended. Attributes hold neither texts of people or models nor secrets. */
export interface EndedSpan {
  /** Its trace and its parent. */
  readonly context: TraceContext;
  readonly spanId: string;
  readonly name: string;
  readonly kind: 'server' | 'client' | 'internal';
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Why it failed, as a code. */
  readonly errorType?: string;
}
