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

/** What came of a tool call. */
export interface ToolOutcome {
  readonly toolCallId: string;
  readonly content: string;
  /** What the model asked for did not happen. */
  readonly isError: boolean;
}

/** One exchange of a conversation: what the model said, and what it was told then. */
export interface Turn {
  readonly assistant: {
    readonly text: string;
    readonly toolCalls: readonly ToolCall[];
    /** The provider's own form of it, which has to come back unchanged; unset where text and calls are all there is. */
    readonly blocks?: readonly object[];
  };
  /** One for each of its calls, in their order. */
  readonly results: readonly ToolOutcome[];
  /** What else it is told, after the results. */
  readonly note?: string;
}

/** What a model is asked, stable parts first, so that requests which begin alike share what a provider caches. */
export interface PromptLayout {
  readonly tools?: readonly ToolDefinition[];
  /** The tools stand there for what was said before; the model may not ask for them now. */
  readonly mustAnswer?: boolean;
  readonly system?: string;
  /** The same for several calls of one workflow or session; the first part of the user's turn. */
  readonly sharedContext?: string;
  /** What only this call, or this conversation, asks. */
  readonly prompt: string;
  /** What was said since, oldest first. */
  readonly turns?: readonly Turn[];
}

/** The whole first turn of the user. */
export const userTurnOf = ({ sharedContext, prompt }: PromptLayout): string =>
  sharedContext === undefined ? prompt : `${sharedContext}\n\n${prompt}`;

/** What a request adds to the conversation: the prompt at first, later what the model is told after its last words. */
export function newPartOf(layout: PromptLayout): string {
  const last = layout.turns?.at(-1);
  if (last === undefined) return userTurnOf(layout);
  return [...last.results.map(({ content }) => content), ...(last.note === undefined ? [] : [last.note])].join('\n\n');
}
