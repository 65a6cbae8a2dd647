import { randomUUID } from 'node:crypto';
import type { RuntimeSettings } from '../../src/settings/runtime-settings.js';
import type { Tool, ToolContext, ToolResult } from '../../src/tools/tool.js';
import type { Workspace } from '../../src/tools/workspace/workspace.js';
import type { SandboxRoom } from './sandbox-room.js';

/** Runs a tool that needs no more of the workspace than where it is; what it finds wrong with the parameters is thrown. */
export function runTool<Parameters extends object>(
  room: SandboxRoom,
  tool: Tool<Parameters>,
  parameters: Parameters,
): Promise<ToolResult> {
  const errors = tool.check(parameters);
  if (errors.length > 0) throw new Error(errors.map(({ field, message }) => `${field} ${message}`).join(' '));
  const context: ToolContext = {
    executionId: randomUUID(),
    caller: { kind: 'person', principalId: 'somebody', role: 'operator' },
    onBehalfOf: 'somebody',
    workspace: { directory: room.workspace } as Workspace,
    timeoutMs: tool.timeoutMs ?? 30_000,
    signal: new AbortController().signal,
  };
  return tool.run(parameters, context);
}

/** Seconds where a call names none. */
export const SETTINGS = { toolTimeoutSeconds: 30 } as RuntimeSettings;
