import { existsSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { NODE_INSIDE } from '../sandbox/system-view.js';
import type { ParameterError, ToolContext, ToolResult } from '../tool.js';
import { readResults, writeFiles } from './code-files.js';
import { fileNameErrors, MAX_FILES } from './code-files.rules.js';
import { MAX_TIMEOUT_SECONDS, SandboxedTool } from './sandboxed.tool.js';

const LANGUAGES = ['javascript', 'python'] as const;
type Language = (typeof LANGUAGES)[number];

/** Where Python is in what the sandbox shows of the machine. */
const PYTHON = ['/usr/local/bin/python3', '/usr/bin/python3'];
const SOURCES: Readonly<Record<Language, string>> = { javascript: 'main.js', python: 'main.py' };
const MAX_CODE = 500_000;

const FILE = {
  type: 'object',
  properties: { path: { type: 'string', maxLength: 200 }, content: { type: 'string', maxLength: MAX_CODE } },
  required: ['path', 'content'],
  additionalProperties: false,
} as const;

type CodeParameters = {
  readonly language: Language;
  readonly code: string;
  readonly stdin?: string;
  readonly files?: readonly { readonly path: string; readonly content: string }[];
  readonly output_files?: readonly string[];
  readonly timeout_seconds?: number;
};

/** A piece of code in a folder of its own, which is gone afterwards. */
@Injectable()
export class RunCodeTool extends SandboxedTool<CodeParameters> {
  private readonly python = PYTHON.find((path) => existsSync(path));
  readonly name = 'run_code';
  readonly description =
    `Runs JavaScript (Node.js ${process.versions.node})${this.python ? ' or Python 3' : ''} in a sandbox and answers with what it printed and the files it made. ` +
    'It runs in an empty folder with `files` in it, where what it writes is answered and then gone; the workspace is at /workspace.' +
    (this.python ? '' : ' Python is not installed here.');
  readonly parametersSchema = {
    type: 'object',
    properties: {
      language: { type: 'string', enum: LANGUAGES },
      code: { type: 'string', minLength: 1, maxLength: MAX_CODE, description: 'The whole program.' },
      stdin: { type: 'string', maxLength: MAX_CODE, description: 'What it reads from standard input.' },
      files: {
        type: 'array',
        items: FILE,
        maxItems: MAX_FILES,
        description: 'Texts that it finds as files in its folder, such as data/in.csv.',
      },
      output_files: {
        type: 'array',
        items: { type: 'string' },
        maxItems: MAX_FILES,
        description: 'The files to answer; default: all that are new or changed.',
      },
      timeout_seconds: {
        type: 'number',
        minimum: 1,
        maximum: MAX_TIMEOUT_SECONDS,
        description: 'After so many seconds it is ended, with everything it started.',
      },
    },
    required: ['language', 'code'],
    additionalProperties: false,
  } as const;

  override check(parameters: CodeParameters): readonly ParameterError[] {
    const { language, files = [], output_files: outputFiles = [] } = parameters;
    const missing = language === 'python' && this.python === undefined;
    return [
      ...(missing ? [{ field: 'language', message: 'must be javascript: Python is not installed here.' }] : []),
      ...fileNameErrors('files', [...files.map(({ path }) => path), SOURCES[language]]),
      ...fileNameErrors('output_files', outputFiles),
    ];
  }

  async run(parameters: CodeParameters, context: ToolContext): Promise<ToolResult> {
    const { language, code, files = [], output_files: wanted, stdin } = parameters;
    const directory = await this.sandbox.makePrivateDirectory();
    try {
      const given = new Map(files.map(({ path, content }) => [path, content])).set(SOURCES[language], code);
      await writeFiles(directory, given);
      const argv = [language === 'python' ? (this.python ?? '') : NODE_INSIDE, SOURCES[language]];
      const input = stdin === undefined ? undefined : Buffer.from(stdin);
      const request = { argv, stdin: input, privateDirectory: directory };
      return await this.runInSandbox(request, parameters, context, async () => ({
        files: await readResults(directory, given, wanted),
      }));
    } finally {
      await this.sandbox.removePrivateDirectory(directory);
    }
  }
}
