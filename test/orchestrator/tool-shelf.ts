import { Tool, type ParametersSchema, type ToolContext, type ToolResult, type ToolRisk } from '../../src/tools/tool.js';

type NoteParameters = {
  readonly operation: 'read' | 'write';
  readonly name: string;
  readonly content?: string;
};

/** Notes in memory, and a record of what was done with them. */
export class NotesTool extends Tool<NoteParameters> {
  readonly description = 'Keeps notes.';
  readonly operations = ['read', 'write'];
  readonly risk = 'write';
  readonly parametersSchema: ParametersSchema = {
    type: 'object',
    properties: {
      operation: { type: 'string', enum: ['read', 'write'] },
      name: { type: 'string', minLength: 1, maxLength: 100 },
      content: { type: 'string' },
    },
    required: ['operation', 'name'],
    additionalProperties: false,
  };
  readonly notes = new Map<string, string>();
  /** Begin and end of each run, in order. */
  readonly record: string[] = [];
  /** Runs wait until so many are under way. */
  meeting = 1;
  private arrived: (() => void)[] = [];

  constructor(readonly name = 'notes') {
    super();
  }

  override riskOf({ operation }: NoteParameters): ToolRisk {
    return operation === 'read' ? 'read' : 'write';
  }

  clear(): void {
    this.notes.clear();
    this.record.length = 0;
    this.meeting = 1;
  }

  async run({ operation, name, content = '' }: NoteParameters, { signal }: ToolContext): Promise<ToolResult> {
    this.record.push(`${operation} ${name}`);
    await this.met(signal);
    this.record.push(`${operation} ${name} done`);
    if (operation === 'write') this.notes.set(name, content);
    const found = this.notes.get(name);
    if (found === undefined) return { success: false, output: null, errorMessage: `There is no note ${name}.` };
    return { success: true, output: { name, content: found } };
  }

  private async met(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      this.arrived.push(resolve);
      if (this.arrived.length < this.meeting) return;
      for (const go of this.arrived.splice(0)) go();
    });
  }
}

/** Would run a command; counts how often it did. */
export class CommandTool extends Tool {
  readonly name = 'run_command';
  readonly description = 'Runs a command.';
  readonly operations = [];
  readonly risk = 'execute';
  readonly parametersSchema: ParametersSchema = {
    type: 'object',
    properties: { command: { type: 'string' } },
    required: ['command'],
    additionalProperties: false,
  };
  runs = 0;

  run(): Promise<ToolResult> {
    this.runs += 1;
    return Promise.resolve({ success: true, output: 'It ran.' });
  }
}
