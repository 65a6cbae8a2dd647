import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { configOf } from '../../../src/config/load-config.js';
import { EgressStreams } from '../../../src/egress/egress-streams.js';
import { EgressProxy } from '../../../src/egress/proxy.js';
import { McpServers } from '../../../src/tools/mcp/mcp-servers.service.js';
import { ToolRegistry } from '../../../src/tools/tool-registry.js';
import { Metrics } from '../../../src/telemetry/metrics.js';
import { Sandbox } from '../../../src/tools/sandbox/sandbox.js';
import type { Tool, ToolContext, ToolResult } from '../../../src/tools/tool.js';
import { until } from '../../support/until.js';

const NO_SANDBOX: Pick<Sandbox, 'availability' | 'start' | 'onApplicationShutdown'> = {
  availability: () => ({ available: false, reason: 'bubblewrap is not installed.' }),
  start: () => Promise.reject(new Error('There is no sandbox here.')),
  onApplicationShutdown: () => Promise.resolve(),
};

interface RoomOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly privateRanges?: readonly string[];
  /** Puts programs into the workspace; with it there is a sandbox. */
  readonly prepare?: (workspace: string) => Promise<void>;
}

/** The MCP room of NYX by itself: a registry, a configuration file, and a way out to loopback. */
export class McpRoom {
  private constructor(
    readonly registry: ToolRegistry,
    readonly folder: string,
    readonly workspace: string,
    private readonly servers: McpServers,
    private readonly sandbox: Sandbox,
  ) {}

  static async open(
    mcpServers: Readonly<Record<string, unknown>>,
    { environment = {}, privateRanges = ['127.0.0.1/32'], prepare }: RoomOptions = {},
  ): Promise<McpRoom> {
    Logger.overrideLogger(false);
    const folder = await mkdtemp(join(tmpdir(), 'nyx-test-mcp-'));
    await writeFile(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }));
    const config = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: folder, ...environment }, folder);
    if (prepare !== undefined) {
      await mkdir(config.workspaceDir);
      await prepare(config.workspaceDir);
    }
    const sandbox =
      prepare === undefined ? (NO_SANDBOX as Sandbox) : new Sandbox(config, new EgressProxy([]), new Metrics());
    if (prepare !== undefined) await sandbox.onModuleInit();
    const registry = new ToolRegistry([]);
    const servers = new McpServers(config, sandbox, new EgressStreams(privateRanges), registry);
    servers.onApplicationBootstrap();
    return new McpRoom(registry, folder, config.workspaceDir, servers, sandbox);
  }

  async close(): Promise<void> {
    await this.servers.onApplicationShutdown();
    await this.sandbox.onApplicationShutdown();
    await rm(this.folder, { recursive: true, force: true });
  }

  tool(name: string): Tool {
    const tool = this.registry.find(name);
    if (tool === undefined) throw new Error(`There is no ${name}.`);
    return tool;
  }

  async untilAvailable(name: string): Promise<Tool> {
    const holds = (): boolean => this.registry.find(name)?.availability().available === true;
    await until(`${name} is available`, holds).catch((error: unknown) => {
      throw new Error(JSON.stringify(this.registry.available().tools.map(({ reason }) => reason)), { cause: error });
    });
    return this.tool(name);
  }

  async untilUnavailable(name: string): Promise<string> {
    await until(`${name} is unavailable`, () => this.registry.find(name)?.availability().available === false);
    return this.tool(name).availability().reason ?? '';
  }

  call(name: string, parameters: Readonly<Record<string, unknown>> = {}, given: Partial<ToolContext> = {}) {
    return run(this.tool(name), parameters, given);
  }
}

/** Runs a tool as the runner does, once its parameters are checked. */
function run(
  tool: Tool,
  parameters: Readonly<Record<string, unknown>>,
  given: Partial<ToolContext>,
): Promise<ToolResult> {
  expect(tool.check(parameters)).toEqual([]);
  const context = { executionId: 'one', timeoutMs: 10_000, signal: new AbortController().signal, ...given };
  return tool.run(parameters, context as ToolContext);
}
