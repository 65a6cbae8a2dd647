export const TOOL_RISKS = ['low', 'medium', 'high'] as const;
export type ToolRisk = (typeof TOOL_RISKS)[number];

/** Whether something can be used here and now, and if not, why, in one sentence. */
export interface Availability {
  readonly available: boolean;
  readonly reason?: string;
}

/** What agents and people can have done. */
export interface Tool {
  /** Unique; what callers and models name it by. */
  readonly name: string;
  readonly description: string;
  /** The values of its `operation` parameter; empty when it does one thing. */
  readonly operations: readonly string[];
  /** JSON Schema of its parameters. */
  readonly parametersSchema: Readonly<Record<string, unknown>>;
  readonly risk: ToolRisk;
  availability(): Availability;
}
