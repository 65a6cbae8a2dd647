import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@nestjs/common';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import type { McpServerConfig } from '../../config/mcp-server.js';
import type { Availability, Tool, ToolContext, ToolResult } from '../tool.js';
import { blotOut, oneLine, type Blot } from './blotting.rules.js';
import { toolResultOf } from './call-result.rules.js';
import { isLoss, isTimeout, McpConnection, NoToolResult } from './mcp-connection.js';
import { UnknownMcpTools, type McpCaller } from './mcp.tool.js';
import { reconnectDelayMs, relistGapMs } from './reconnect.rules.js';
import { ToolFactory } from './tool-factory.js';
import type { McpTransport } from './transports/mcp-transport.js';

const PING_EVERY_MS = 30_000;
/** A connection that held this long was none of those that fail again and again. */
const STABLE_MS = 60_000;
const MAX_REASON_LENGTH = 300;

export interface McpServerParts {
  readonly logger: Logger;
  /** Why it cannot be connected at all, now and later. Undefined: it can be tried. */
  readonly hindrance: () => string | undefined;
  readonly transport: (writeLog: (line: string) => void) => McpTransport;
  /** Its tools are these now. @returns the names that are taken by others */
  readonly publish: (tools: readonly Tool[]) => readonly string[];
}

/** One configured server: connected as long as that is possible, tried again when it is not, its tools offered throughout. */
export class McpServer implements McpCaller {
  readonly name: string;
  private readonly blot: Blot;
  private readonly factory: ToolFactory;
  private readonly stopping = new AbortController();
  private connection: McpConnection | undefined;
  /** A sentence. */
  private whyNot: string | undefined;
  private callsInFlight = 0;
  private life: Promise<void> | undefined;

  constructor(
    private readonly config: McpServerConfig,
    private readonly parts: McpServerParts,
  ) {
    this.name = config.name;
    this.blot = blotOut(config.secrets);
    this.factory = new ToolFactory(this, config, this.blot);
    this.whyNot = `The MCP server ${this.name} is being connected.`;
  }

  /** In the background: never rejects. */
  start(): void {
    this.parts.publish([new UnknownMcpTools(this, this.config.risk)]);
    this.life ??= this.live();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.life;
  }

  availability(): Availability {
    return this.whyNot === undefined ? { available: true } : { available: false, reason: this.whyNot };
  }

  async call(tool: string, parameters: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolResult> {
    const { connection } = this;
    if (connection === undefined) return failure(this.whyNot ?? 'The MCP server is not connected.');
    this.callsInFlight += 1;
    try {
      return toolResultOf(await connection.callTool(tool, parameters, context), this.blot);
    } catch (error) {
      return failure(this.failureOf(error, context));
    } finally {
      this.callsInFlight -= 1;
    }
  }

  private failureOf(error: unknown, { signal, timeoutMs }: ToolContext): string {
    const whose = `The MCP server ${this.name}`;
    if (signal.aborted) return `${whose} did not answer before the call was ended.`;
    if (error instanceof NoToolResult) return `${whose} answered what is no result of a tool.`;
    if (!(error instanceof McpError)) return `${whose} could not be asked: ${this.shown(messageOf(error))}`;
    if (isTimeout(error)) return `${whose} did not answer within ${timeoutMs} ms.`;
    if (isLoss(error)) {
      return `${whose} was lost during the call: whether it acted is not known.`;
    }
    return `${whose} answered with an error: ${this.shown(error.message)}`;
  }

  private async live(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !this.isStopping();) {
      const hindrance = this.parts.hindrance();
      if (hindrance !== undefined) {
        this.whyNot = hindrance;
        this.warn(hindrance);
        return;
      }
      const startedAtMs = performance.now();
      await this.session();
      if (this.isStopping()) break;
      failures = performance.now() - startedAtMs > STABLE_MS ? 1 : failures + 1;
      // Once: a server that stays away is not worth a line a minute.
      this.parts.logger[failures === 1 ? 'warn' : 'debug'](this.whyNot);
      await sleep(reconnectDelayMs(failures, Math.random()), undefined, { signal, ref: false }).catch(() => undefined);
    }
    this.whyNot = 'NYX is stopping.';
  }

  /** From connecting to the end of the connection; `whyNot` says then why it ended. */
  private async session(): Promise<void> {
    const session = new AbortController();
    const stop = (): void => session.abort('NYX is stopping');
    this.stopping.signal.addEventListener('abort', stop, { once: true });
    let wantsRelist = (): void => undefined;
    let connection: McpConnection | undefined;
    try {
      const transport = this.parts.transport((line) => this.note(`It writes: ${line}`));
      const events = {
        onEnd: (reason: string) => {
          this.disconnect(reason);
          session.abort(reason);
        },
        onToolsChanged: () => wantsRelist(),
        onOddity: (message: string) => this.note(message),
      };
      connection = await McpConnection.open(transport, events, session.signal);
      const changes = new Changes();
      wantsRelist = () => changes.tell();
      await this.offerTools(connection, session.signal, (sentence) => this.warn(sentence));
      session.signal.throwIfAborted();
      this.connection = connection;
      this.whyNot = undefined;
      void this.keepListing(connection, changes, session);
      await this.keepPinging(connection, session);
    } catch (error) {
      if (!session.signal.aborted) session.abort(messageOf(error));
    } finally {
      this.disconnect(String(session.signal.reason));
      this.stopping.signal.removeEventListener('abort', stop);
      await connection?.close();
    }
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private disconnect(reason: string): void {
    this.connection = undefined;
    const why = this.shown(reason).replace(/\.$/, '');
    this.whyNot = `The MCP server ${this.name} is not connected: ${why}. NYX keeps trying.`;
  }

  private async offerTools(
    connection: McpConnection,
    signal: AbortSignal,
    tell: (sentence: string) => void,
  ): Promise<void> {
    const { tools, warnings } = await this.factory.make(await connection.listTools(signal));
    if (signal.aborted) return;
    const taken = this.parts.publish(tools);
    for (const warning of warnings) tell(warning);
    if (taken.length > 0) tell(`Others have the names of its tools ${taken.join(', ')}, which are left out.`);
    if (this.connection === undefined) {
      this.parts.logger.log(`The MCP server ${this.name} offers ${tools.length - taken.length} tools.`);
    }
  }

  private async keepListing(connection: McpConnection, changes: Changes, session: AbortController): Promise<void> {
    const { signal } = session;
    let readingMs = 0;
    try {
      for (;;) {
        await changes.next(signal);
        await sleep(relistGapMs(readingMs), undefined, { signal, ref: false });
        changes.clear();
        const startedAtMs = performance.now();
        // Once a connection is enough: the server decides how often it is listed again.
        await this.offerTools(connection, signal, (sentence) => this.note(sentence));
        readingMs = performance.now() - startedAtMs;
      }
    } catch {
      session.abort('it did not list its tools again');
    }
  }

  /** Returns when the session is over. */
  private async keepPinging(connection: McpConnection, session: AbortController): Promise<void> {
    const { signal } = session;
    for (;;) {
      await sleep(PING_EVERY_MS, undefined, { signal, ref: false });
      // A server that works on one call at a time has no time for a ping.
      if (this.callsInFlight === 0 && !(await connection.isAlive())) session.abort('it does not answer');
    }
  }

  private shown(text: string): string {
    return oneLine(this.blot(text), MAX_REASON_LENGTH);
  }

  private note(text: string): void {
    this.parts.logger.debug(`The MCP server ${this.name}: ${this.shown(text)}`);
  }

  private warn(sentence: string): void {
    this.parts.logger.warn(`The MCP server ${this.name}: ${this.shown(sentence)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const failure = (errorMessage: string): ToolResult => ({ success: false, output: null, errorMessage });

/** Something changed, perhaps many times, since it was last looked at. */
class Changes {
  private isTold = false;
  private wake: (() => void) | undefined;

  tell(): void {
    this.isTold = true;
    this.wake?.();
  }

  clear(): void {
    this.isTold = false;
  }

  /** @throws Error when the signal aborts first */
  next(signal: AbortSignal): Promise<void> {
    if (this.isTold) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new Error('over'));
      if (signal.aborted) {
        giveUp();
        return;
      }
      signal.addEventListener('abort', giveUp, { once: true });
      this.wake = () => {
        signal.removeEventListener('abort', giveUp);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
