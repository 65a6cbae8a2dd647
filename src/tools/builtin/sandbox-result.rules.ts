import type { CapturedOutput, SandboxOutcome } from '../sandbox/sandbox.types.js';
import type { ToolResult } from '../tool.js';

const LIMITS: Readonly<Record<NonNullable<SandboxOutcome['limit']>, string>> = {
  memory: 'It used more memory than it may.',
  cpu: 'It used more processor time than it may.',
  output: 'It wrote more output than it may.',
  processes: 'It started more processes than it may.',
  file_size: 'It wrote a larger file than it may, too many temporary files, or the last of the disk.',
};

/** What became of a program, for people and models. */
export function resultOf(outcome: SandboxOutcome, options: { readonly timeoutMs: number }): ToolResult {
  const { ended, limit, exitCode, stdout, stderr } = outcome;
  return {
    success: ended === 'exited' && exitCode === 0,
    output: {
      return_code: exitCode ?? null,
      ended,
      limit: limit ?? null,
      stdout: described(stdout),
      stderr: described(stderr),
    },
    errorMessage: failureOf(outcome, options.timeoutMs),
    metadata: { return_code: exitCode ?? null },
    stdout: stdout.text,
    stderr: stderr.text,
    exitCode,
  };
}

function failureOf({ ended, limit, exitCode }: SandboxOutcome, timeoutMs: number): string | undefined {
  if (ended === 'timeout') return `It did not end within ${timeoutMs / 1000} seconds and was ended.`;
  if (ended === 'aborted') return 'It was ended before it was done.';
  if (limit) return LIMITS[limit];
  return exitCode === 0 ? undefined : `It ended with code ${exitCode ?? 'unknown'}.`;
}

const described = ({ totalBytes, isTruncated, isBinary }: CapturedOutput): Readonly<Record<string, unknown>> => ({
  bytes: totalBytes,
  is_truncated: isTruncated,
  is_binary: isBinary,
});
