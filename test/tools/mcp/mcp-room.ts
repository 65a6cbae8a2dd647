import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { configOf } from '../../../src/config/load-config.js';
import { EgressStreams } from '../../../src/egress/egress-streams.js';
import { McpServers } from '../../../src/tools/mcp/mcp-servers.service.js';
import { ToolRegistry } from '../../../src/tools/tool-registry.js';
import type { Sandbox } from '../../../src/tools/sandbox/sandbox.js';
import type { Tool, ToolContext, ToolResult } from '../../../src/tools/tool.js';
import { until } from '../../support/until.js';

const NO_SANDBOX: Pick<Sandbox, 'availability' | 'start'> = {
  availability: () => ({ available: false, reason: 'bubblewrap is not installed.' }),
  start: () => Promise.reject(new Error('There is no sandbox here.')),
};

/** The MCP room of NYX by itself: a registry, a configuration file, and a way out to loopback. */
export class McpRoom {
  private constructor(
    readonly registry: ToolRegistry,
    private readonly servers: McpServers,
    private readonly folder: string,
  ) {}

  static async open(
    mcpServers: Readonly<Record<string, unknown>>,
    environment: Readonly<Record<string, string>> = {},
    privateRanges: readonly string[] = ['127.0.0.1/32'],
  ): Promise<McpRoom> {
    Logger.overrideLogger(false);
    const folder = await mkdtemp(join(tmpdir(), 'nyx-test-mcp-'));
    await mkdir(join(folder, 'workspace'));
    await writeFile(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }));
    const config = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: folder, ...environment }, folder);
    const egress = new EgressStreams(privateRanges);
    const registry = new ToolRegistry([]);
    const servers = new McpServers(config, NO_SANDBOX as Sandbox, egress, registry);
    servers.onApplicationBootstrap();
    return new McpRoom(registry, servers, folder);
  }

  async close(): Promise<void> {
    await this.servers.onApplicationShutdown();
    await rm(this.folder, { recursive: true, force: true });
  }

  tool(name: string): Tool {
    const tool = this.registry.find(name);
    if (tool === undefined) throw new Error(`There is no ${name}.`);
    return tool;
  }

  async untilAvailable(name: string): Promise<Tool> {
    await until(`${name} is available`, () => this.registry.find(name)?.availability().available === true);
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
