import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { deserializeMessage, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { SandboxProcess } from '../../sandbox/sandbox.types.js';
import { LineAssembler, LineTooLong } from './line-assembler.js';
import { CLOSED, MAX_MESSAGE_BYTES, type McpTransport } from './mcp-transport.js';
import { MessageGate } from './message-gate.js';
import { StderrLines } from './stderr-lines.js';

/** Written and not read by the server. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** A server that is asked to end has this long before it is ended. */
const GRACE_MS = 500;
const END_MS = 5_000;

/** Talks to a program in the sandbox on its standard streams: a message is a line of JSON. */
export class SandboxTransport implements McpTransport {
  onclose: Transport['onclose'];
  onerror: Transport['onerror'];
  onmessage: Transport['onmessage'];
  endReason: string | undefined;
  private readonly lines = new LineAssembler(MAX_MESSAGE_BYTES);
  private readonly gate = new MessageGate();
  private readonly stderr: StderrLines;
  private process: SandboxProcess | undefined;

  /** @param writeLog takes lines of its stderr */
  constructor(
    private readonly launch: () => Promise<SandboxProcess>,
    writeLog: (line: string) => void,
  ) {
    this.stderr = new StderrLines(writeLog);
  }

  /** @throws Problem SANDBOX_UNAVAILABLE */
  async start(): Promise<void> {
    const process = await this.launch();
    this.process = process;
    const ignore = (): void => undefined;
    process.stdin.on('error', ignore);
    process.stdout.on('error', ignore);
    process.stderr.on('error', ignore);
    process.stdout.on('data', (chunk: Buffer) => this.read(chunk));
    process.stderr.on('data', (chunk: Buffer) => this.stderr.push(chunk, performance.now()));
    void process.ended.then(
      (outcome) => this.end(this.endingOf(outcome)),
      () => this.end('it ended'),
    );
    // Closed while it was being launched.
    if (this.endReason !== undefined) process.kill();
  }

  send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.process?.stdin;
    if (stdin === undefined || this.endReason !== undefined || stdin.destroyed) {
      return Promise.reject(new Error('The server is not connected.'));
    }
    stdin.write(serializeMessage(message));
    if (stdin.writableLength > MAX_UNREAD_BYTES) this.end('it does not read what it is sent');
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.process?.stdin.end();
    this.finish(CLOSED);
    if (this.process === undefined) return;
    const ended = this.process.ended.catch(() => undefined);
    await within(GRACE_MS, ended);
    this.process.kill();
    await within(END_MS, ended);
  }

  private read(chunk: Buffer): void {
    if (this.endReason !== undefined) return;
    try {
      for (const line of this.lines.push(chunk)) {
        if (!this.gate.admits(performance.now())) {
          this.end('it sends too many messages');
          return;
        }
        this.take(line);
      }
    } catch (error) {
      this.end(error instanceof LineTooLong ? `it sent ${error.message}` : 'it sent what cannot be read');
    }
  }

  private take(line: string): void {
    let message: JSONRPCMessage;
    try {
      message = deserializeMessage(line);
    } catch {
      this.onerror?.(new Error('It wrote a line that is no message.'));
      return;
    }
    this.onmessage?.(message);
  }

  /** At once: nothing more of it is read. */
  private end(reason: string): void {
    this.finish(reason);
    this.process?.kill();
  }

  private finish(reason: string): void {
    if (this.endReason !== undefined) return;
    this.endReason = reason;
    this.onclose?.();
  }

  private endingOf({ ended, limit, exitCode }: Awaited<SandboxProcess['ended']>): string {
    if (ended === 'limit') return `it went beyond its limit of ${(limit ?? 'resources').replace('_', ' ')}`;
    if (ended === 'timeout') return 'its time was over';
    const { last } = this.stderr;
    return `it ended${exitCode === undefined ? '' : ` with ${exitCode}`}${last === '' ? '' : ` after writing: ${last}`}`;
  }
}

async function within(timeoutMs: number, ended: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  await Promise.race([ended, sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}
