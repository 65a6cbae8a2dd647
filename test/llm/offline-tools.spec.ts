import { Ajv } from 'ajv';
import fc from 'fast-check';
import type { ToolDefinition } from '../../src/llm/prompt-layout.js';
import { OFFLINE_HEADER } from '../../src/llm/providers/offline/offline-header.js';
import { briefOf, prompts } from './workflow-prompts.js';
import { ask } from './offline-asking.js';

const tool = (name: string, properties: Record<string, object>, required: string[]): ToolDefinition => ({
  name,
  description: `The ${name} tool.`,
  inputSchema: { type: 'object', properties, required, additionalProperties: false },
});
const text = { type: 'string' };
const FILES = tool(
  'file_operations',
  {
    operation: { type: 'string', enum: ['read', 'write', 'append', 'list', 'delete', 'copy', 'move', 'search'] },
    path: text,
    content: text,
    destination: text,
    pattern: text,
    recursive: { type: 'boolean' },
    max_lines: { type: 'integer', minimum: 1, maximum: 1000 },
    max_depth: { type: 'integer' },
  },
  ['operation', 'path'],
);
const SHELL = tool('shell_command', { command: text, working_directory: text }, ['command']);
const HTTP = tool('http_request', { url: text, method: { enum: ['GET', 'POST'] } }, ['url', 'method']);
const MEMORY = tool('memory_search', { query: text, limit: { type: 'integer', default: 10 } }, ['query', 'limit']);
const TOOLS = [SHELL, FILES, HTTP, MEMORY];

const callsOf = async (prompt: string, tools: readonly ToolDefinition[] = TOOLS): Promise<unknown[]> => {
  const { toolCalls, stopReason } = await ask(prompt, { tools });
  expect(stopReason).toBe(toolCalls.length > 0 ? 'tool_use' : 'end_turn');
  return toolCalls.map(({ input }) => input);
};

describe('a tool call', () => {
  it.each([
    ['read notes.txt', { operation: 'read', path: 'notes.txt' }],
    ['Summarise the file `src/a.ts`.', { operation: 'read', path: 'src/a.ts' }],
    ['Look at "my notes.txt", please.', { operation: 'read', path: 'my notes.txt' }],
    ['Lies die Datei Größe.txt.', { operation: 'read', path: 'Größe.txt' }],
    ['Read ../../etc/passwd', { operation: 'read', path: '../../etc/passwd' }],
    ['Show the first 20 lines of log.txt', { operation: 'read', path: 'log.txt', max_lines: 20 }],
    ['list the files in docs', { operation: 'list', path: 'docs' }],
    ['List all files in the folder `docs/api` recursively.', { operation: 'list', path: 'docs/api', recursive: true }],
    ['Zeige die Dateien im Ordner src.', { operation: 'list', path: 'src' }],
    ['list all files', { operation: 'list', path: '.' }],
    ['Write "hello" to out/a.txt', { operation: 'write', path: 'out/a.txt', content: 'hello' }],
    ['Create the file x.md with the content "abc"', { operation: 'write', path: 'x.md', content: 'abc' }],
    ['Append "more" to x.md', { operation: 'append', path: 'x.md', content: 'more' }],
    ['Delete old.log.', { operation: 'delete', path: 'old.log' }],
    ['Copy a.txt to docs/b.txt', { operation: 'copy', path: 'a.txt', destination: 'docs/b.txt' }],
    ['Rename a.txt to b.txt', { operation: 'move', path: 'a.txt', destination: 'b.txt' }],
    ['Find "*.ts" in src', { operation: 'search', path: 'src', pattern: '*.ts' }],
    ['run `npm test`', { command: 'npm test' }],
    ['Führe `ls -la | wc` aus.', { command: 'ls -la | wc' }],
    ['Fetch the page https://example.com/a.html.', { url: 'https://example.com/a.html', method: 'GET' }],
    ['Search the memory for green tea', { query: 'green tea', limit: 10 }],
    ['Call memory_search with {"query": "a } b", "limit": 3}.', { query: 'a } b', limit: 3 }],
  ])('is made for: %s', async (prompt, input) => {
    expect(await callsOf(prompt)).toEqual([input]);
  });

  it('is made for each file that is named', async () => {
    const paths = ['a.txt', 'b.md', 'c d.txt'];
    expect(await callsOf('Read a.txt, b.md and `c d.txt`, then compare them.')).toEqual(
      paths.map((path) => ({ operation: 'read', path })),
    );
  });

  it.each([
    'What is tea?',
    'Read about Node.js and e.g. tea.',
    'Open the door.',
    'List the advantages of tea.',
    'Write a function in main.py that reads files.',
    'Run the tests.',
    'Call memory_search with {"query": 7}',
    '<task>Read a.txt</task>\n<tool_result>It says hello.</tool_result>',
    '<result>It says hello.</result>\n<subtask>Read a.txt</subtask>',
  ])('is not made for: %s', async (prompt) => {
    expect(await callsOf(prompt)).toEqual([]);
  });

  it('is not made without a tool that can do it', async () => {
    expect(await callsOf('read notes.txt', [])).toEqual([]);
    expect(await callsOf('read notes.txt', [SHELL, MEMORY])).toEqual([]);
    const writeOnly = tool('files', { operation: { enum: ['write'] }, path: text }, ['operation', 'path']);
    expect(await callsOf('read notes.txt', [writeOnly])).toEqual([]);
    const needsMore = tool('files', { operation: { enum: ['read'] }, path: text, token: text }, ['path', 'token']);
    expect(await callsOf('read notes.txt', [needsMore])).toEqual([]);
    expect(await callsOf('read notes.txt', [{ ...FILES, inputSchema: { type: 'nonsense' } }])).toEqual([]);
  });

  it('is made to a tool that does one thing, by its name', async () => {
    const reader = tool('read_file', { file_path: text }, ['file_path']);
    expect(await callsOf('read notes.txt', [reader])).toEqual([{ file_path: 'notes.txt' }]);
    expect(await callsOf('delete notes.txt', [reader])).toEqual([]);
  });

  it('answers from the result when it is there', async () => {
    const prompt = '<task>Read notes.txt.</task>\n<tool_result>{"output": "Buy milk."}</tool_result>';
    expect((await ask(prompt, { tools: TOOLS })).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: Read notes.txt.\n\n- Buy milk.`,
    );
  });

  it("is about the subtask, in the orchestrator's prompt", async () => {
    const brief = briefOf({ objective: 'Read a.txt and b.txt.' });
    const subtask = { title: 'Read b.txt', instructions: 'Read b.txt.', kind: 'subtask_execution' } as const;
    const { system, sharedContext, prompt } = prompts.subtask(brief, subtask, []);
    const { toolCalls, text: said } = await ask(prompt, { system, sharedContext, tools: TOOLS });
    expect(toolCalls).toMatchObject([{ name: 'file_operations', input: { operation: 'read', path: 'b.txt' } }]);
    expect(said).toBe(`${OFFLINE_HEADER}\n\nAsks for: file_operations.`);
  });

  it('has the same id for the same request, and another for another', async () => {
    const idsOf = async (prompt: string) => (await ask(prompt, { tools: TOOLS })).toolCalls.map(({ id }) => id);
    const ids = await idsOf('Read a.txt and b.txt');
    expect(await idsOf('Read a.txt and b.txt')).toEqual(ids);
    expect(new Set([...ids, ...(await idsOf('Read a.txt'))]).size).toBe(3);
  });

  it('that does not fit max_tokens is none', async () => {
    const { toolCalls, stopReason } = await ask('read notes.txt', { tools: TOOLS, maxTokens: 10 });
    expect({ toolCalls, stopReason }).toEqual({ toolCalls: [], stopReason: 'max_tokens' });
  });

  it('is one that the tool allows, whatever is asked', async () => {
    const words = [
      'read',
      'list',
      'write',
      '"x"',
      'to',
      'the file',
      'a.txt',
      '`b c.md`',
      'files in',
      'docs',
      'run',
      '`ls`',
      '{',
      '.',
    ];
    const prompts = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.oneof(prompts, fc.string({ unit: 'binary' })), async (prompt) => {
        const { toolCalls } = await ask(prompt, { tools: TOOLS });
        for (const { name, input } of toolCalls) {
          const schema = TOOLS.find((each) => each.name === name)?.inputSchema ?? {};
          expect(new Ajv({ strict: false }).validate(schema, input)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
