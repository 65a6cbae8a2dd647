import { StartError } from '../../src/config/start-error.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import { Tool, type Availability, type ParametersSchema, type ToolResult } from '../../src/tools/tool.js';

class NamedTool extends Tool {
  readonly description: string;
  readonly operations = [];
  readonly parametersSchema: ParametersSchema = { type: 'object', properties: {}, additionalProperties: false };
  readonly risk = 'read';

  constructor(
    readonly name: string,
    private readonly reason?: string,
  ) {
    super();
    this.description = `Does ${name}.`;
  }

  override availability(): Availability {
    return this.reason === undefined ? { available: true } : { available: false, reason: this.reason };
  }

  run(): Promise<ToolResult> {
    return Promise.resolve({ success: true, output: this.name });
  }
}

const tool = (name: string, reason?: string): Tool => new NamedTool(name, reason);

describe('the tool registry', () => {
  it('is empty as long as nobody registers', () => {
    expect(new ToolRegistry([]).available()).toEqual({ tools: [] });
  });

  it('lists tools by name, and says why one cannot be used', () => {
    const registry = new ToolRegistry([]);
    registry.register(tool('write', 'No disk.'), tool('read'));
    expect(registry.available().tools).toMatchObject([
      { name: 'read', available: true },
      { name: 'write', available: false, reason: 'No disk.' },
    ]);
    expect(registry.find('read')?.description).toBe('Does read.');
  });

  it('refuses a name that is taken, naming it', () => {
    const registry = new ToolRegistry([]);
    registry.register(tool('read'));
    expect(() => registry.register(tool('read'))).toThrow(/^Two tools are named read: rename one/);
  });

  it.each(['', 'find ticket!', 'Find', '2_find', 'server.find', 'a'.repeat(65), 'find\n'])(
    'refuses the name %j',
    (name) => {
      const registry = new ToolRegistry([]);
      expect(() => registry.register(tool(name))).toThrow(
        new StartError(
          `${JSON.stringify(name)} is no name of a tool: give it one of a-z, 0-9 and _, at most 64, that begins with a letter.`,
        ),
      );
      expect(registry.available()).toEqual({ tools: [] });
    },
  );

  it('refuses a schema that callers could not be held to, naming the tool', () => {
    class LooseTool extends NamedTool {
      override readonly parametersSchema = {
        type: 'object',
        properties: { path: { type: 'words' } },
        additionalProperties: false,
      } as const;
    }
    expect(() => new ToolRegistry([new LooseTool('loose')])).toThrow('The tool loose cannot be registered: its schema');
  });
});
