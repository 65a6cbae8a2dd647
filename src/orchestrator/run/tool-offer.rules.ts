import type { ToolDefinition } from '../../llm/prompt-layout.js';
import type { ToolAllowance } from '../../tools/tool-caller.js';
import type { Tool, ToolRisk } from '../../tools/tool.js';

/** What a tool is as far as it can be offered without running it. */
type OfferedTool = Pick<
  Tool,
  'name' | 'description' | 'operations' | 'parametersSchema' | 'risk' | 'riskOf' | 'isForThoseWhoNameIt'
>;

/** Risks of the tools that a workflow has which names none. */
const USUAL_RISKS: readonly ToolRisk[] = ['read', 'write'];

const isUsual = ({ risk }: OfferedTool): boolean => USUAL_RISKS.includes(risk);

/**
 * The tools that a workflow's agents are told of, as the model sees them: those it may use without asking anyone, and those made for
 * workflows that name them. Policy decides again before each run, whatever was offered.
 */
export function toolsToOffer(
  tools: readonly OfferedTool[],
  { tools: names, isReadOnly }: ToolAllowance,
): ToolDefinition[] {
  return tools
    .filter((tool) => names?.includes(tool.name) ?? (!tool.isForThoseWhoNameIt && (isReadOnly || isUsual(tool))))
    .flatMap((tool) => (isReadOnly && !tool.isForThoseWhoNameIt ? readingPartOf(tool) : [definitionOf(tool)]));
}

/** A tool of an earlier turn that is not there any more; the conversation still speaks of it. */
export const goneTool = (name: string): ToolDefinition => ({
  name,
  description: 'This tool is not available any more.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
});

/** The risk of a call whose parameters nobody has validated; undefined where the tool cannot tell. */
export function riskOfCall(tool: OfferedTool, parameters: unknown): ToolRisk | undefined {
  try {
    return tool.riskOf(parameters as Readonly<Record<string, unknown>>);
  } catch {
    return undefined;
  }
}

const definitionOf = (
  tool: OfferedTool,
  inputSchema: Tool['parametersSchema'] = tool.parametersSchema,
): ToolDefinition => ({
  name: tool.name,
  description: tool.description,
  inputSchema,
});

/** The tool with those of its operations that only read; nothing when none does. */
function readingPartOf(tool: OfferedTool): ToolDefinition[] {
  if (tool.risk === 'read') return [definitionOf(tool)];
  const operations = tool.operations.filter((operation) => riskOfCall(tool, { operation }) === 'read');
  const { properties } = tool.parametersSchema;
  const { operation } = properties;
  if (operations.length === 0 || operation === undefined) return [];
  const reduced = { ...properties, operation: { ...operation, enum: operations } };
  return [definitionOf(tool, { ...tool.parametersSchema, properties: reduced })];
}
