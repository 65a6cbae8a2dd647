import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { SetUpFailed } from '../sandbox/launch.js';
import { Sandbox, WAIT_MS } from '../sandbox/sandbox.js';
import type { SandboxOutcome, SandboxRequest } from '../sandbox/sandbox.types.js';
import { Tool, type Availability, type ToolContext, type ToolResult } from '../tool.js';
import { resultOf } from './sandbox-result.rules.js';

/** Seconds a program may be given. */
export const MAX_TIMEOUT_SECONDS = 300;
/** For the sandbox to come and go within the tool's own time, after the wait for it. */
const MARGIN_MS = 5_000;

interface TimedParameters {
  readonly timeout_seconds?: number;
}

/** What tools that run programs have in common: all of them only in the sandbox. */
@Injectable()
export abstract class SandboxedTool<Parameters extends TimedParameters> extends Tool<Parameters> {
  readonly operations = [];
  readonly risk = 'execute';
  override readonly timeoutMs = WAIT_MS + MAX_TIMEOUT_SECONDS * 1000 + MARGIN_MS;

  constructor(
    protected readonly sandbox: Sandbox,
    private readonly config: AppConfig,
    private readonly settings: RuntimeSettings,
  ) {
    super();
  }

  override availability(): Availability {
    return this.sandbox.availability();
  }

  protected async runInSandbox(
    request: Pick<SandboxRequest, 'argv' | 'workingDirectory' | 'environment' | 'stdin' | 'privateDirectory'>,
    parameters: TimedParameters,
    { workspace, signal, onBehalfOf, timeoutMs: wholeMs }: ToolContext,
    after: (outcome: SandboxOutcome) => Promise<Readonly<Record<string, unknown>>> = () => Promise.resolve({}),
  ): Promise<ToolResult> {
    const seconds = parameters.timeout_seconds ?? this.settings.toolTimeoutSeconds;
    const timeoutMs = Math.min(
      seconds * 1000,
      MAX_TIMEOUT_SECONDS * 1000,
      Math.max(wholeMs - WAIT_MS - MARGIN_MS, 1000),
    );
    try {
      const outcome = await this.sandbox.run({
        ...request,
        onBehalfOf,
        workspaceDirectory: workspace.directory,
        allowedHosts: this.config.tools.sandboxAllowedHosts,
        limits: { timeoutMs },
        signal,
      });
      const result = resultOf(outcome, { timeoutMs });
      return { ...result, output: { ...(result.output as object), ...(await after(outcome)) } };
    } catch (error) {
      if (!(error instanceof SetUpFailed)) throw error;
      return { success: false, output: null, errorMessage: error.message };
    }
  }
}
