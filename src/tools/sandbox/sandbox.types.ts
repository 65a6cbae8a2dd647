import type { Readable, Writable } from 'node:stream';

export interface SandboxLimits {
  readonly timeoutMs: number;
  /** Of all its processes together. Default: the configured memory. */
  readonly memoryBytes?: number;
  /** Seconds of processor time. Default: as many as the timeout has. */
  readonly cpuSeconds?: number;
  /** Processes and threads at once. */
  readonly processes?: number;
  /** Kept of each of stdout and stderr; the rest is counted. Default 1 MiB. */
  readonly outputBytes?: number;
  /** The largest file it may write. */
  readonly fileBytes?: number;
}

export interface SandboxRequest {
  /** Whom it is for: when there are too many runs, those of each come in turn. */
  readonly onBehalfOf?: string;
  /** The program, found by the sandbox's own PATH, and its arguments. No shell reads them. */
  readonly argv: readonly string[];
  /** Mounted at /workspace, the only place that can be written and that lasts. */
  readonly workspaceDirectory: string;
  /** Mounted at /private, to be written; of nobody else. */
  readonly privateDirectory?: string;
  /** Relative to the workspace; default: the private directory, where there is one, else its top. */
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
  /** Hosts that can be reached, through the filtering proxy; default: no network at all. */
  readonly allowedHosts?: readonly string[];
  readonly isWorkspaceReadOnly?: boolean;
  readonly limits: SandboxLimits;
  readonly signal: AbortSignal;
}

export interface CapturedOutput {
  /** Bounded; bytes that are no UTF-8 are told by `isBinary`, and then `text` is empty. */
  readonly text: string;
  readonly totalBytes: number;
  readonly isTruncated: boolean;
  readonly isBinary: boolean;
}

export interface SandboxOutcome {
  /** `limit`: a limit ended it, which is in `limit`. */
  readonly ended: 'exited' | 'timeout' | 'aborted' | 'limit';
  readonly limit?: 'memory' | 'cpu' | 'output' | 'processes' | 'file_size';
  /** Of the program; 128 + n when signal n ended it, as shells have it. */
  readonly exitCode: number | undefined;
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly durationMs: number;
}

/** A program that is talked to, such as a server on its standard streams. */
export interface SandboxProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<Pick<SandboxOutcome, 'ended' | 'limit' | 'exitCode'>>;
  kill(): void;
}
