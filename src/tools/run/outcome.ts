import { EgressFailed, EgressRefused } from '../../egress/egress.types.js';
import { Problem } from '../../http/problem.js';
import type { ToolExecution } from '../tool-run.js';
import { ToolRefusal, type ToolResult } from '../tool.js';
import { WorkspaceError, type WorkspaceErrorCode } from '../workspace/workspace-error.js';
import { boundedResult, messageOf } from './bounded-result.rules.js';
import type { TimedOutcome } from './time-limit.js';

/** How a run ends, as it is written down. */
export interface Outcome extends ToolResult {
  readonly status: ToolExecution['status'];
  readonly rule?: string;
}

type Metadata = Readonly<Record<string, unknown>>;

const GET_OUT_CODES: readonly WorkspaceErrorCode[] = [
  'outside_workspace',
  'symbolic_link',
  'hard_link',
  'special_file',
  'invalid_path',
];

/** The rule of what was not begun since too much is under way. */
export const OVERLOADED = 'overloaded';

export const refused = (rule: string, reason: string, metadata: Metadata = {}): Outcome => ({
  status: 'refused',
  success: false,
  output: null,
  rule,
  errorMessage: messageOf(reason),
  metadata,
});

export const failed = (message: string, metadata: Metadata = {}): Outcome => ({
  status: 'failed',
  success: false,
  output: null,
  errorMessage: messageOf(message),
  metadata,
});

/** Its process died, or it was stopped from outside, while it ran. */
export const unknown = (message: string): Outcome => ({
  status: 'unknown',
  success: false,
  output: null,
  errorMessage: message,
  metadata: {},
});

/** What a tool did, or did not do, as it is told: nothing of what nobody foresaw. @param report gets that */
export function outcomeOf(
  timed: TimedOutcome<ToolResult>,
  timeoutMs: number,
  report: (error: unknown) => void,
): Outcome {
  const { stopped } = timed;
  const outcome =
    'isLeft' in timed ? failed('') : 'error' in timed ? thrown(timed.error, report) : ended(timed, report);
  if (stopped === undefined || outcome.success) return outcome;
  const isLeft = 'isLeft' in timed;
  const message = {
    timeout: `It did not end within ${timeoutMs} ms.`,
    caller: 'The caller went away before it ended.',
    shutdown: 'NYX was stopped before it ended.',
  }[stopped];
  const metadata = {
    ...outcome.metadata,
    ...(stopped === 'timeout' ? { timed_out: true, timeout_ms: timeoutMs } : { aborted: true }),
    ...(isLeft && { still_running: true }),
  };
  return { ...outcome, status: 'failed', rule: undefined, errorMessage: message, metadata };
}

function ended({ value }: { readonly value: ToolResult }, report: (error: unknown) => void): Outcome {
  try {
    const result = boundedResult(value);
    return { ...result, status: result.success ? 'succeeded' : 'failed' };
  } catch (error) {
    report(error);
    return failed('The tool brought a result that is not JSON.');
  }
}

function thrown(error: unknown, report: (error: unknown) => void): Outcome {
  if (error instanceof ToolRefusal || error instanceof EgressRefused) return refused(error.rule, error.message);
  if (error instanceof WorkspaceError) {
    return GET_OUT_CODES.includes(error.code)
      ? refused(error.code, error.message)
      : failed(error.message, { error_code: error.code });
  }
  if (error instanceof EgressFailed) return failed(error.message);
  if (error instanceof Problem && error.code === 'OVERLOADED') {
    return refused(OVERLOADED, error.detail, { retry_after_seconds: error.options.retryAfterSeconds ?? 1 });
  }
  if (error instanceof Problem) return failed(error.detail, { error_code: error.code });
  report(error);
  return failed('The tool failed for a reason that it did not foresee.');
}
