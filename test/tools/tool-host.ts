import { appendFile } from 'node:fs/promises';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { ToolRunner } from '../../src/tools/tool-runner.js';
import type { ToolCaller } from '../../src/tools/tool-caller.js';
import { TestTool, untilStopped } from './test-tools.js';

/** What a process is to run and not to survive. */
export interface HostedRun {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** The tool writes a line into it when it acts. */
  readonly actsIn: string;
  readonly runs: readonly { readonly toolName: string; readonly caller: ToolCaller; readonly executionId?: string }[];
}

const { databaseUrl, dataDir, actsIn, runs } = JSON.parse(process.argv[2] ?? '') as HostedRun;
const variables = { NODE_ENV: 'test', LOG_LEVEL: 'silent', NYX_DATA_DIR: dataDir };
const defaults = configOf(variables, dataDir);
const config = Object.assign(new AppConfig(), defaults, { database: { ...defaults.database, url: databaseUrl } });
const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: false });
for (const toolName of new Set(runs.map((run) => run.toolName))) {
  const act: ConstructorParameters<typeof TestTool>[1] = async (parameters, context) => {
    await appendFile(actsIn, `${context.executionId}\n`);
    return untilStopped(parameters, context);
  };
  const isRepeatable = toolName.startsWith('repeatable');
  app.get(ToolRegistry).register(new TestTool(toolName, act, { isRepeatable }));
}
for (const run of runs) {
  void app.get(ToolRunner).run({ ...run, parameters: {}, signal: new AbortController().signal });
}
