import { Module } from '@nestjs/common';
import { EgressModule } from '../egress/egress.module.js';
import { FileOperationsTool } from './builtin/file-operations/file-operations.tool.js';
import { Sandbox } from './sandbox/sandbox.js';
import { Tool } from './tool.js';
import { TOOLS, ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { ToolsController } from './tools.controller.js';
import { WorkspaceFilesController } from './workspace/files.controller.js';
import { WorkspaceFiles } from './workspace/files.service.js';
import { Workspaces } from './workspace/workspaces.js';

/** One line a tool. */
const tools: (new (...dependencies: never[]) => Tool)[] = [FileOperationsTool];

@Module({
  imports: [EgressModule],
  controllers: [ToolsController, WorkspaceFilesController],
  providers: [
    ...tools,
    { provide: TOOLS, useFactory: (...all: Tool[]) => all, inject: tools },
    ToolRegistry,
    ToolRunner,
    Sandbox,
    Workspaces,
    WorkspaceFiles,
  ],
  exports: [ToolRegistry, ToolRunner, Workspaces],
})
export class ToolsModule {}
