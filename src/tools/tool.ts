import type { ToolCaller } from './tool-caller.js';
import type { Workspace } from './workspace/workspace.js';

/** What a call can do at worst, mildest first. */
export const TOOL_RISKS = ['read', 'write', 'network', 'execute'] as const;
export type ToolRisk = (typeof TOOL_RISKS)[number];

/** Whether something can be used here and now, and if not, why and what to do, in one sentence or two. */
export interface Availability {
  readonly available: boolean;
  readonly reason?: string;
}

/** JSON Schema (2020-12) of an object that names all its properties. Kept flat: models are held to it strictly. */
export type ParametersSchema = {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
};

/** JSON Schema of a tool that is not ours, as it came. Models are not held to it; whoever reads it takes nothing in it for granted. */
export type ForeignSchema = {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [keyword: string]: unknown;
};

export interface ParameterError {
  /** The parameter, as `path` or `argv[2]`. */
  readonly field: string;
  readonly message: string;
}

export interface ToolContext {
  /** Names this run for ever, also over crashes. */
  readonly executionId: string;
  /** Who called; policy has allowed it. */
  readonly caller: ToolCaller;
  /** The workflow of an agent, else the person: who shares with others in turn. */
  readonly onBehalfOf: string;
  /** The caller's part of the workspace. */
  readonly workspace: Workspace;
  /** How long the tool may take, in milliseconds; `signal` aborts then. */
  readonly timeoutMs: number;
  /** Aborts at the timeout, when the caller goes away, when the workflow is cancelled or the process stops. */
  readonly signal: AbortSignal;
}

export interface ToolResult {
  /** False: the tool ran and what it was asked for did not happen. */
  readonly success: boolean;
  /** JSON. What can be large is bounded by the tool; the runner bounds the rest. */
  readonly output: unknown;
  /** One sentence, when it did not succeed. */
  readonly errorMessage?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

/** The tool will not do what it was asked, whoever asks: the run is recorded as refused by `rule`. */
export class ToolRefusal extends Error {
  constructor(
    /** Names the rule, such as `outside_workspace`. */
    readonly rule: string,
    message: string,
  ) {
    super(message);
    this.name = 'ToolRefusal';
  }
}

/** What agents and people can have done. One class a tool, one line in the list of its module. */
export abstract class Tool<Parameters extends object = Readonly<Record<string, unknown>>> {
  /** Unique; what callers and models name it by. */
  abstract readonly name: string;
  abstract readonly description: string;
  /** The values of its `operation` parameter; empty when it does one thing. */
  abstract readonly operations: readonly string[];
  /** Parameters are valid by it before anything else sees them. */
  abstract readonly parametersSchema: ParametersSchema | ForeignSchema;
  /** The schema came from elsewhere: nothing is compiled from it, `check` alone says whether parameters are valid. */
  readonly isForeign: boolean = false;
  /** Agents have it only where their workflow names it, and are then told of all of it, also where each call has to be asked for. */
  readonly isForThoseWhoNameIt: boolean = false;
  /** The worst of all its operations. */
  abstract readonly risk: ToolRisk;
  /** Milliseconds a run may take; undefined: the configured time of tools. */
  readonly timeoutMs: number | undefined = undefined;

  availability(): Availability {
    return { available: true };
  }

  /** The risk of exactly this call. */
  riskOf(_parameters: Parameters): ToolRisk {
    return this.risk;
  }

  /** Whether doing it twice is the same as doing it once, so that a crash in the middle may repeat it. */
  isRepeatable(parameters: Parameters): boolean {
    return this.riskOf(parameters) === 'read';
  }

  /** What the schema cannot say, such as parameters that only go together. */
  check(_parameters: Parameters): readonly ParameterError[] {
    return [];
  }

  /** @throws ToolRefusal; anything else it throws is a failed run, told without its details */
  abstract run(parameters: Parameters, context: ToolContext): Promise<ToolResult>;
}
