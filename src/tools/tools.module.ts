import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { Database } from '../database/database.service.js';
import { DurableModule } from '../durable/durable.module.js';
import { Recovery } from '../durable/recovery.service.js';
import { EgressModule } from '../egress/egress.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { FileOperationsTool } from './builtin/file-operations/file-operations.tool.js';
import { HttpRequestTool } from './builtin/http-request.tool.js';
import { RunCodeTool } from './builtin/run-code.tool.js';
import { ShellCommandTool } from './builtin/shell-command.tool.js';
import { ExecuteService } from './execute/execute.service.js';
import { ExecutionLog } from './executions/execution-log.js';
import { Executions } from './executions/executions.service.js';
import { McpServers } from './mcp/mcp-servers.service.js';
import { Rates } from './policy/rates.js';
import { CallJudge } from './run/call-judge.js';
import { RunTelemetry } from './run/run-telemetry.js';
import { RunClaims } from './run/run-claims.js';
import { Sandbox } from './sandbox/sandbox.js';
import { Tool } from './tool.js';
import { TOOLS, ToolRegistry } from './tool-registry.js';
import { ToolRunner } from './tool-runner.js';
import { ToolsController } from './tools.controller.js';
import { WorkspaceFilesController } from './workspace/files.controller.js';
import { WorkspaceFiles } from './workspace/files.service.js';
import { Workspaces } from './workspace/workspaces.js';

/** One line a tool. */
const tools: (new (...dependencies: never[]) => Tool)[] = [
  FileOperationsTool,
  HttpRequestTool,
  RunCodeTool,
  ShellCommandTool,
];

@Module({
  imports: [AuthModule, DurableModule, EgressModule, SettingsModule],
  controllers: [ToolsController, WorkspaceFilesController],
  providers: [
    ...tools,
    { provide: TOOLS, useFactory: (...all: Tool[]) => all, inject: tools },
    ToolRegistry,
    CallJudge,
    Rates,
    ExecutionLog,
    RunClaims,
    RunTelemetry,
    ToolRunner,
    ExecuteService,
    Executions,
    Sandbox,
    Workspaces,
    WorkspaceFiles,
    McpServers,
  ],
  exports: [ToolRegistry, ToolRunner, ExecutionLog, Workspaces, Sandbox],
})
export class ToolsModule {
  constructor(recovery: Recovery, executions: ExecutionLog, database: Database) {
    recovery.onSweep(() => executions.abandonLost(database));
  }
}
