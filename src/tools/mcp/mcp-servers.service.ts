import { mkdir } from 'node:fs/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { HttpMcpServer, McpServerConfig, StdioMcpServer } from '../../config/mcp-server.js';
import { EgressStreams } from '../../egress/egress-streams.js';
import { Problem } from '../../http/problem.js';
import { Sandbox } from '../sandbox/sandbox.js';
import type { SandboxProcess } from '../sandbox/sandbox.types.js';
import { folderOf } from '../workspace/principal-folder.js';
import { ToolRegistry } from '../tool-registry.js';
import { McpServer } from './mcp-server.js';
import { egressFetch } from './transports/egress-fetch.js';
import { HttpTransport } from './transports/http.transport.js';
import type { McpTransport } from './transports/mcp-transport.js';
import { SandboxTransport } from './transports/sandbox.transport.js';

/** A server is no run of a tool: it lives on. It is started anew after this time at the latest. */
const LIFETIME_SECONDS = 7 * 24 * 3600;

/** The MCP servers that are configured. Whether and when they can be reached concerns nobody's start and nobody's stop. */
@Injectable()
export class McpServers implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(McpServers.name);
  private readonly stopping = new AbortController();
  private readonly servers: readonly McpServer[];

  constructor(
    private readonly config: AppConfig,
    private readonly sandbox: Sandbox,
    private readonly egress: EgressStreams,
    registry: ToolRegistry,
  ) {
    this.servers = config.tools.mcpServers.map(
      (server) =>
        new McpServer(server, {
          logger: this.logger,
          hindrance: () => this.hindranceOf(server),
          transport: (writeLog) => this.transportTo(server, writeLog),
          publish: (tools) => registry.replace(`mcp:${server.name}`, tools),
        }),
    );
  }

  onApplicationBootstrap(): void {
    for (const server of this.servers) server.start();
  }

  /** After the steps in flight had their time to end. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    this.stopping.abort();
  }

  private hindranceOf({ kind }: McpServerConfig): string | undefined {
    if (kind !== 'stdio') return undefined;
    const { available, reason } = this.sandbox.availability();
    return available ? undefined : (reason ?? 'There is no sandbox.');
  }

  private transportTo(server: McpServerConfig, writeLog: (line: string) => void): McpTransport {
    return server.kind === 'stdio' ? this.stdio(server, writeLog) : this.http(server);
  }

  private stdio(server: StdioMcpServer, writeLog: (line: string) => void): McpTransport {
    const launch = (): Promise<SandboxProcess> =>
      this.launch(server).catch((error: unknown) => {
        if (error instanceof Problem) throw error;
        // Its words are about this machine, and for whoever runs it.
        this.logger.debug(`The MCP server ${server.name} could not be started: ${String(error)}`);
        throw new Error('it could not be started');
      });
    return new SandboxTransport(launch, writeLog);
  }

  private async launch(server: StdioMcpServer): Promise<SandboxProcess> {
    const { workspaceDir } = this.config;
    await mkdir(workspaceDir, { recursive: true });
    return await this.sandbox.start({
      argv: [server.command, ...server.args],
      // One process serves all: where they are kept apart it sees the files of none.
      workspaceDirectory: folderOf(this.config, `mcp ${server.name}`),
      environment: server.environment,
      allowedHosts: server.allowedHosts,
      limits: { timeoutMs: LIFETIME_SECONDS * 1000, cpuSeconds: LIFETIME_SECONDS },
      signal: this.stopping.signal,
    });
  }

  /** Its own address is all it may be reached by. */
  private http({ url, headers }: HttpMcpServer): McpTransport {
    return new HttpTransport(url, headers, egressFetch(this.egress, [new URL(url).host]));
  }
}
