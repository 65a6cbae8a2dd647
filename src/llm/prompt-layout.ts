/** A tool that the model may ask for. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: object;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

/** What a model is asked, stable parts first, so that requests which begin alike share what a provider caches. */
export interface PromptLayout {
  readonly tools?: readonly ToolDefinition[];
  readonly system?: string;
  /** The same for several calls of one workflow or session; the first part of the user's turn. */
  readonly sharedContext?: string;
  /** What only this call asks. */
  readonly prompt: string;
}

/** The whole user's turn. */
export const userTurnOf = ({ sharedContext, prompt }: PromptLayout): string =>
  sharedContext === undefined ? prompt : `${sharedContext}\n\n${prompt}`;
