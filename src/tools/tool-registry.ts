import { Inject, Injectable } from '@nestjs/common';
import { StartError } from '../config/start-error.js';
import type { Plain } from '../http/plain.js';
import type { AvailableToolsDto } from './dto/available-tools.dto.js';
import { outOfBounds, type ParameterCheck, parameterCheckOf } from './parameters/parameters.rules.js';
import type { Tool } from './tool.js';

/** The name of what stands for all tools of a server as long as nobody knows them. */
export const standInName = (server: string): string => `${server}.*`;

/** The tools of this room. */
export const TOOLS = Symbol('tools');

/** Models take such names alone, and a dot stands between the name of an MCP server and that of its tool. */
const NAME = /^[a-z][a-z0-9_]{0,63}$/;

export interface RegisteredTool {
  readonly tool: Tool;
  /** By its schema alone. */
  readonly parameterErrors: ParameterCheck;
}

/** Every tool there is. Other rooms register theirs in constructors; a name that is taken or none, or a schema that is none, stops the start. */
@Injectable()
export class ToolRegistry {
  private readonly tools = new Map<string, RegisteredTool>();
  /** Tools that come and go, by whom they are from. */
  private readonly owned = new Map<string, readonly Tool[]>();

  constructor(@Inject(TOOLS) tools: readonly Tool[]) {
    this.register(...tools);
  }

  /** @throws StartError naming the tool when another has its name or its name is none, or when callers could not be held to its schema */
  register(...tools: readonly Tool[]): void {
    for (const tool of tools) {
      if (!NAME.test(tool.name)) {
        throw new StartError(
          `${JSON.stringify(tool.name)} is no name of a tool: give it one of a-z, 0-9 and _, at most 64, that begins with a letter.`,
        );
      }
      if (this.tools.has(tool.name))
        throw new StartError(`Two tools are named ${tool.name}: rename one, or register it once.`);
      this.tools.set(tool.name, { tool, parameterErrors: checkOf(tool) });
    }
  }

  /**
   * These are the owner's tools from now on, instead of those it had.
   * @returns the names among them that are taken; whose they are keeps them
   * @throws StartError as `register` does when a schema of ours is none
   */
  replace(owner: string, tools: readonly Tool[]): readonly string[] {
    for (const tool of this.owned.get(owner) ?? []) this.tools.delete(tool.name);
    const added: Tool[] = [];
    const taken: string[] = [];
    for (const tool of tools) {
      if (this.tools.has(tool.name)) {
        taken.push(tool.name);
      } else {
        this.tools.set(tool.name, { tool, parameterErrors: checkOf(tool) });
        added.push(tool);
      }
    }
    this.owned.set(owner, added);
    return taken;
  }

  find(name: string): Tool | undefined {
    return this.tools.get(name)?.tool;
  }

  registered(name: string): RegisteredTool | undefined {
    return this.tools.get(name);
  }

  /** For metrics: of a name that anybody can make up, one of a few. The tools of an MCP server are one, however many it lists. */
  labelOf(name: string): string {
    const tool = this.find(name);
    if (tool?.isForeign === false) return name;
    const standIn = standInName(name.split('.', 1)[0] ?? '');
    return tool !== undefined || this.tools.has(standIn) ? standIn : 'unknown';
  }

  /** What stands for tools that their server has not named yet, this one maybe among them; never a tool that can be run. */
  standInFor(name: string): Tool | undefined {
    return this.tools.get(standInName(name.split('.', 1)[0] ?? ''))?.tool;
  }

  available(): Plain<AvailableToolsDto> {
    const byName = [...this.tools.values()]
      .map(({ tool }) => tool)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    return {
      tools: byName.map((tool) => ({
        name: tool.name,
        description: tool.description,
        operations: tool.operations,
        parameters_schema: tool.parametersSchema,
        risk: tool.risk,
        ...tool.availability(),
      })),
    };
  }
}

/** What is not ours is compiled elsewhere; what comes in has the same bounds. */
const withinBounds: ParameterCheck = (parameters) => {
  const unbounded = outOfBounds(parameters);
  return unbounded === undefined ? [] : [unbounded];
};

function checkOf(tool: Tool): ParameterCheck {
  if (tool.isForeign) return withinBounds;
  try {
    return parameterCheckOf(tool.parametersSchema);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(`The tool ${tool.name} cannot be registered: ${why.replace(/\.$/, '')}.`, { cause: error });
  }
}
