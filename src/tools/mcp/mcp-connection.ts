import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CallToolResultSchema,
  ErrorCode,
  McpError,
  ResultSchema,
  ToolListChangedNotificationSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import { RELEASE } from '../../config/release.js';
import { withDeadline } from '../../waiting/deadline.js';
import { CLOSED, type McpTransport } from './transports/mcp-transport.js';

const OPEN_MS = 30_000;
const LIST_MS = 30_000;
const PING_MS = 10_000;
const MAX_PAGES = 20;
const MAX_ENTRIES = 2_000;
const MAX_CURSOR_LENGTH = 4_096;
const CLIENT = { name: 'nyx', version: RELEASE };

/** What a server answered is no result of a tool. */
export class NoToolResult extends Error {
  constructor() {
    super('The answer is no result of a tool.');
    this.name = 'NoToolResult';
  }
}

export const isTimeout = (error: McpError): boolean => error.code === (ErrorCode.RequestTimeout as number);

/** The connection ended before an answer came. */
export const isLoss = (error: McpError): boolean => error.code === (ErrorCode.ConnectionClosed as number);

export interface ConnectionEvents {
  /** It is over after it was open; comes once, also after `close`. @param reason a clause */
  onEnd(reason: string): void;
  /** The server says that its tools are others now. */
  onToolsChanged(): void;
  /** Something odd that changes nothing. */
  onOddity(message: string): void;
}

/**
 * One connection with a server. NYX declares nothing that a server could ask of it: requests for sampling, elicitation or roots are
 * answered with "method not found".
 */
export class McpConnection {
  private constructor(
    private readonly client: Client,
    private readonly transport: McpTransport,
  ) {}

  /** @throws Error when it does not come about */
  static async open(transport: McpTransport, events: ConnectionEvents, signal: AbortSignal): Promise<McpConnection> {
    const client = new Client(CLIENT, { capabilities: {} });
    const connection = new McpConnection(client, transport);
    let isOpen = false;
    client.onclose = () => {
      if (isOpen) events.onEnd(transport.endReason ?? CLOSED);
    };
    client.onerror = (error) => events.onOddity(error.message);
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => events.onToolsChanged());
    const deadline = withDeadline(signal, OPEN_MS);
    try {
      await unlessAborted(client.connect(transport, { timeout: OPEN_MS }), deadline.signal);
      if (transport.endReason !== undefined) throw new Error(transport.endReason);
      isOpen = true;
      return connection;
    } catch (error) {
      await transport.close();
      const { endReason } = transport;
      throw endReason === undefined || endReason === CLOSED ? error : new Error(endReason, { cause: error });
    } finally {
      deadline.dispose();
    }
  }

  /** What the server says its tools are, unread. @throws Error when it does not answer as it should */
  async listTools(signal: AbortSignal): Promise<readonly unknown[]> {
    if (this.client.getServerCapabilities()?.tools === undefined) return [];
    const entries: unknown[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES && entries.length < MAX_ENTRIES; page += 1) {
      const { tools, nextCursor } = await this.listPage(cursor, signal);
      if (!Array.isArray(tools)) throw new Error('it answered no list of tools');
      entries.push(...(tools as unknown[]).slice(0, MAX_ENTRIES));
      if (typeof nextCursor !== 'string' || nextCursor === '' || nextCursor.length > MAX_CURSOR_LENGTH) break;
      cursor = nextCursor;
    }
    return entries;
  }

  /** Read without the SDK's schema and its compiling of output schemas: one bad tool is not to hide the others. */
  private async listPage(cursor: string | undefined, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const deadline = withDeadline(signal, LIST_MS);
    try {
      const params = cursor === undefined ? {} : { cursor };
      const options = { signal: deadline.signal, timeout: LIST_MS };
      return await this.client.request({ method: 'tools/list', params }, ResultSchema, options);
    } finally {
      deadline.dispose();
    }
  }

  /** @throws NoToolResult; McpError what the server answered instead, or that it did not; any other error is about the way to it */
  async callTool(
    name: string,
    parameters: Readonly<Record<string, unknown>>,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<CallToolResult> {
    const deadline = withDeadline(signal, timeoutMs);
    try {
      // Not `client.callTool`: it holds the answer against a schema of the server's.
      const result = await this.client.request(
        { method: 'tools/call', params: { name, arguments: { ...parameters } } },
        ResultSchema,
        { signal: deadline.signal, timeout: timeoutMs },
      );
      const read = CallToolResultSchema.safeParse(result);
      if (!read.success) throw new NoToolResult();
      return read.data;
    } finally {
      deadline.dispose();
    }
  }

  /** Whether the server still answers, be it with an error. */
  async isAlive(): Promise<boolean> {
    try {
      await this.client.ping({ timeout: PING_MS });
      return true;
    } catch (error) {
      return error instanceof McpError && !isTimeout(error) && !isLoss(error);
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('it does not answer'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
