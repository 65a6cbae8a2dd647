import type { ParametersSchema, ToolContext, ToolResult, ToolRisk } from '../../src/tools/tool.js';
import { Tool, type Availability } from '../../src/tools/tool.js';

type Work = (parameters: Readonly<Record<string, unknown>>, context: ToolContext) => Promise<ToolResult> | ToolResult;

interface Options {
  readonly risk?: ToolRisk;
  readonly schema?: ParametersSchema;
  readonly timeoutMs?: number;
  readonly isRepeatable?: boolean;
  readonly availability?: Availability;
}

const NOTHING: ParametersSchema = { type: 'object', properties: {}, additionalProperties: false };

export const done: ToolResult = { success: true, output: 'done' };

/** A tool whose work a test says. */
export class TestTool extends Tool {
  readonly description = 'A tool of a test.';
  readonly operations = [];
  readonly parametersSchema: ParametersSchema;
  readonly risk: ToolRisk;
  override readonly timeoutMs: number | undefined;
  /** How often it was run. */
  runs = 0;

  constructor(
    readonly name: string,
    private readonly work: Work,
    private readonly options: Options = {},
  ) {
    super();
    this.parametersSchema = options.schema ?? NOTHING;
    this.risk = options.risk ?? 'write';
    this.timeoutMs = options.timeoutMs;
  }

  override availability(): Availability {
    return this.options.availability ?? { available: true };
  }

  override isRepeatable(parameters: Readonly<Record<string, unknown>>): boolean {
    return this.options.isRepeatable ?? super.isRepeatable(parameters);
  }

  async run(parameters: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolResult> {
    this.runs += 1;
    return this.work(parameters, context);
  }
}

/** Ends only when it is told to stop. */
export const untilStopped: Work = (_parameters, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
