import { cutMiddle, cutTo } from '../../database/cut.rules.js';
import type { CallOutcome } from './agent-turn.js';
import { untrustedText } from './untrusted-text.rules.js';

/** What the prompt shows of one result at most, and of all results of one turn. The row keeps more. */
const MAX_RESULT_BYTES = 64 * 1024;
export const MAX_TURN_BYTES = 128 * 1024;

/** What stands in the row of an execution. */
export interface ExecutionRow {
  readonly id: string;
  /** Null when it is too long to be read as JSON; then `output_text` has it. Of long texts only beginning and end are read. */
  readonly output: unknown;
  readonly output_text: string | null;
  readonly stdout: string | null;
  readonly stderr: string | null;
  /** What lies between in all of them. */
  readonly unread_bytes: number;
  readonly exit_code: number | null;
  readonly error_message: string | null;
  /** What refused it. */
  readonly rule: string | null;
}

/** Refusals of calls that make no sense: another call may. */
const CORRECTABLE: readonly (string | null | undefined)[] = ['invalid_parameters', 'unknown_tool'];

const MAX_NAME = 128;

const SAYINGS = {
  succeeded: undefined,
  failed: 'The tool ran and failed.',
  refused: 'The call was refused and nothing was done. It stays refused; do not try to get around it.',
  unknown: 'The process ended while the tool ran: nobody knows whether it acted. Look before you do it again.',
} as const;

/** @param turnBytes of all results of the turn */
export const resultBytesFor = (calls: number, turnBytes: number): number =>
  Math.min(MAX_RESULT_BYTES, Math.floor(turnBytes / Math.max(1, calls)));

/**
 * A result as the model sees it.
 * @param tool as the model called it, which may be no name of a tool
 * @param seed the same for the same call, over replays
 */
export function resultText(
  tool: string,
  outcome: CallOutcome,
  row: ExecutionRow | undefined,
  seed: string,
  maxBytes: number,
): string {
  const status = 'error' in outcome ? 'not_run' : outcome.status;
  const body = 'error' in outcome ? outcome.error : bodyOf(outcome.status, row);
  const shorten = (whole: string): string => cutMiddle(whole, maxBytes, row?.unread_bytes ?? 0);
  return untrustedText('tool_output', seed, [{ attributes: { tool: cutTo(tool, MAX_NAME), status }, body, shorten }]);
}

function bodyOf(status: keyof typeof SAYINGS, row: ExecutionRow | undefined): string {
  const { output, output_text, stdout, stderr, exit_code, error_message, rule } = row ?? {};
  const parts = [
    status === 'refused' && CORRECTABLE.includes(rule)
      ? 'The call cannot be run as it is, and nothing was done.'
      : SAYINGS[status],
    error_message,
    typeof exit_code === 'number' ? `exit code: ${exit_code}` : undefined,
    output === null || output === undefined ? output_text : readable(output),
    stdout ? `stdout:\n${stdout}` : undefined,
    stderr ? `stderr:\n${stderr}` : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== null && part !== '').join('\n') || 'Done.';
}

/** JSON with its long texts taken out and shown as they are, line by line. */
function readable(output: unknown): string {
  if (typeof output === 'string') return output;
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return JSON.stringify(output);
  const entries = Object.entries(output);
  const isLong = ([, value]: [string, unknown]): boolean => typeof value === 'string' && value.includes('\n');
  const rest = entries.filter((entry) => !isLong(entry));
  return [
    ...(rest.length > 0 ? [JSON.stringify(Object.fromEntries(rest))] : []),
    ...entries.filter(isLong).map(([name, value]) => `${name}:\n${String(value)}`),
  ].join('\n');
}
