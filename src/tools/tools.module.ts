import { Module } from '@nestjs/common';
import { EgressModule } from '../egress/egress.module.js';
import { McpServers } from './mcp/mcp-servers.service.js';
import { Sandbox } from './sandbox/sandbox.js';
import { Tool } from './tool.js';
import { TOOLS, ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { ToolsController } from './tools.controller.js';

/** One line a tool. */
const tools: (new (...dependencies: never[]) => Tool)[] = [];

@Module({
  imports: [EgressModule],
  controllers: [ToolsController],
  providers: [
    ...tools,
    { provide: TOOLS, useFactory: (...all: Tool[]) => all, inject: tools },
    ToolRegistry,
    ToolRunner,
    Sandbox,
    McpServers,
  ],
  exports: [ToolRegistry, ToolRunner],
})
export class ToolsModule {}
