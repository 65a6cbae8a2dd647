import type { ParameterError, ToolContext, ToolResult } from '../../tool.js';
import type { FileParameters } from './parameters.js';

/** One thing that can be done with files. */
export interface FileOperation {
  readonly risk: 'read' | 'write';
  /** Whether doing it twice is the same as doing it once. */
  readonly isRepeatable: boolean;
  readonly needs: readonly (keyof FileParameters)[];
  /** What else has to hold. */
  check?(parameters: FileParameters): readonly ParameterError[];
  /** @throws WorkspaceError */
  run(parameters: FileParameters, context: ToolContext): Promise<ToolResult>;
}

export const failed = (errorMessage: string): ToolResult => ({ success: false, output: null, errorMessage });

export const succeeded = (output: unknown, metadata: Readonly<Record<string, unknown>> = {}): ToolResult => ({
  success: true,
  output,
  metadata,
});
