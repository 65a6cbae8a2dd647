/** What a tool can do at worst, as tools have it. */
export type McpRisk = 'read' | 'write' | 'network' | 'execute';

interface McpServerBase {
  /** 1 to 64 of A-Z, a-z, 0-9, `_` and `-`; what its tools are named by. */
  readonly name: string;
  /** Of its tools that `risks` does not name. */
  readonly risk: McpRisk;
  /** By the name the server has for the tool. */
  readonly risks: Readonly<Record<string, McpRisk>>;
  /** For a call of its tools; undefined: the configured time of tools. */
  readonly timeoutSeconds: number | undefined;
  /** Texts that may not leave: what its environment or headers hold and the deployment wants kept. */
  readonly secrets: readonly string[];
}

/** A program that runs in the sandbox and speaks on its standard streams. */
export interface StdioMcpServer extends McpServerBase {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What it may reach from the sandbox; empty: nothing. */
  readonly allowedHosts: readonly string[];
}

/** A server that speaks streamable HTTP. */
export interface HttpMcpServer extends McpServerBase {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server whose tools NYX offers as its own. */
export type McpServerConfig = StdioMcpServer | HttpMcpServer;
