import type { ToolDefinition } from '../../src/llm/prompt-layout.js';
import { OFFLINE_HEADER } from '../../src/llm/providers/offline/offline-header.js';
import type { ProviderAnswer, ProviderRequest } from '../../src/llm/providers/provider.js';
import { resultText } from '../../src/orchestrator/run/tool-result.rules.js';
import { provider, requestFor } from './offline-asking.js';
import { briefOf, prompts } from './workflow-prompts.js';

const OPERATIONS = [
  'read_file',
  'write_file',
  'list_directory',
  'search_files',
  'find_pattern',
  'analyze_codebase',
  'get_file_stats',
  'create_directory',
  'copy_file',
  'move_file',
  'delete_file',
];
const text = { type: 'string' };
const FILES: ToolDefinition = {
  name: 'file_operations',
  description: 'Files of the workspace.',
  inputSchema: {
    type: 'object',
    properties: {
      operation: { type: 'string', enum: OPERATIONS },
      path: text,
      content: text,
      destination: text,
      pattern: text,
      recursive: { type: 'boolean' },
      max_lines: { type: 'integer' },
      max_depth: { type: 'integer' },
    },
    required: ['operation', 'path'],
    additionalProperties: false,
  },
};

const ask = (prompt: string, more: Partial<ProviderRequest> = {}): Promise<ProviderAnswer> =>
  provider.generate({ ...requestFor(prompt), tools: [FILES], ...more }, new AbortController().signal);

const shown = (output: unknown, status: 'succeeded' | 'failed' = 'succeeded', error?: string): string => {
  const row = {
    id: 'e',
    output,
    output_text: null,
    stdout: null,
    stderr: null,
    exit_code: null,
    rule: null,
    unread_bytes: 0,
  };
  const outcome = { executionId: 'e', status, workMs: 1, resultPrint: 'r' };
  return resultText('file_operations', outcome, { ...row, error_message: error ?? null }, 'e', 10_000);
};

const afterResult = async (prompt: string, ...contents: string[]): Promise<ProviderAnswer> => {
  const { text: said, toolCalls } = await ask(prompt);
  const results = toolCalls.map(({ id }, index) => ({
    toolCallId: id,
    content: contents[index] ?? '',
    isError: false,
  }));
  return ask(prompt, { turns: [{ assistant: { text: said, toolCalls }, results }] });
};

describe('the offline provider with the file tool', () => {
  it.each([
    ['Read notes.txt', { operation: 'read_file', path: 'notes.txt' }],
    ['List the files in docs', { operation: 'list_directory', path: 'docs' }],
    ['Find "*.ts" in src', { operation: 'search_files', path: 'src', pattern: '*.ts' }],
    ['Find "TODO" in src', { operation: 'find_pattern', path: 'src', pattern: 'TODO' }],
    ['Write "hello" to out/a.txt', { operation: 'write_file', path: 'out/a.txt', content: 'hello' }],
    ['Analyse the codebase.', { operation: 'analyze_codebase', path: '.' }],
    ['Analyze the codebase in src', { operation: 'analyze_codebase', path: 'src' }],
    ['Create the folder docs/api', { operation: 'create_directory', path: 'docs/api' }],
    ['Copy a.txt to b.txt', { operation: 'copy_file', path: 'a.txt', destination: 'b.txt' }],
    ['Delete old.log.', { operation: 'delete_file', path: 'old.log' }],
  ])('asks for what is wanted: %s', async (prompt, input) => {
    expect((await ask(prompt)).toolCalls).toMatchObject([{ name: 'file_operations', input }]);
  });

  it.each([
    'Name three uses of a paper clip.',
    'Choose a database for a small web shop:\n- Compare PostgreSQL with MySQL.',
  ])('asks for nothing when no file is spoken of: %s', async (prompt) => {
    expect(await ask(prompt)).toMatchObject({ toolCalls: [], stopReason: 'end_turn' });
  });

  it('answers from what came back, and asks for nothing more', async () => {
    const one = await afterResult('Read notes.txt.', shown({ path: 'notes.txt', content: 'Buy milk.' }));
    expect(one).toMatchObject({ toolCalls: [], stopReason: 'end_turn' });
    expect(one.text).toBe(`${OFFLINE_HEADER}\n\nAsked: Read notes.txt.\n\n- Buy milk.`);
    const lines = await afterResult('Read notes.txt.', shown({ path: 'notes.txt', content: 'Buy milk.\nBuy tea.' }));
    expect(lines.text).toBe(`${OFFLINE_HEADER}\n\nAsked: Read notes.txt.\n\n- Buy milk.\n- Buy tea.`);
    const failed = await afterResult('Read notes.txt.', shown(null, 'failed', 'There is no notes.txt.'));
    expect(failed.text).toContain('There is no notes.txt.');
  });

  it('uses every result, and says the same to the same request', async () => {
    const contents = ['one', 'two'].map((name) => shown({ path: name, content: `The file says ${name}.` }));
    const answer = await afterResult('Read a.txt and b.txt.', ...contents);
    expect(answer.text).toMatch(/says one[^]*says two/);
    expect(await afterResult('Read a.txt and b.txt.', ...contents)).toEqual(answer);
  });

  it('answers a task without files as it does without tools', async () => {
    for (const objective of ['Name three uses of a paper clip.', 'Sum up: Tea is hot. Ice is cold. Tea is brown.']) {
      const plain = prompts.direct(briefOf({ objective }));
      const withTools = prompts.withTools(plain);
      expect(withTools.system).not.toBe(plain.system);
      const bare = await ask(plain.prompt, { ...plain, tools: undefined });
      expect(await ask(plain.prompt, { ...withTools })).toMatchObject({ text: bare.text, toolCalls: [] });
    }
  });

  it('asks for nothing when it has to answer', async () => {
    expect((await ask('Read notes.txt', { mustAnswer: true })).toolCalls).toEqual([]);
  });
});
