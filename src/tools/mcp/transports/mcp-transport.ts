import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/** What one message of a server may have at most, in bytes. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** A way to a server that can say why it came to an end. */
export interface McpTransport extends Transport {
  /** A clause such as `it exited with 1`, once it ended. May hold what the server said. */
  readonly endReason: string | undefined;
}

/** The reason of a transport that NYX closed itself. */
export const CLOSED = 'it was closed';
