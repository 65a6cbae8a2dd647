import { Injectable } from '@nestjs/common';
import { argumentErrors, directoryErrors, environmentErrors, MAX_ARGUMENT_BYTES } from '../sandbox/request.rules.js';
import type { ParameterError, ToolContext, ToolResult } from '../tool.js';
import { splitCommand } from './command-line.rules.js';
import { MAX_TIMEOUT_SECONDS, SandboxedTool } from './sandboxed.tool.js';

type ShellParameters = {
  readonly command?: string;
  readonly argv?: readonly string[];
  readonly shell?: boolean;
  readonly working_directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly capture_stderr?: boolean;
  readonly timeout_seconds?: number;
};

/** Any program, in the sandbox, which is what keeps it from harm: no command is refused for the words in it. */
@Injectable()
export class ShellCommandTool extends SandboxedTool<ShellParameters> {
  readonly name = 'shell_command';
  readonly description =
    'Runs a program in a sandbox and answers with its exit code and what it wrote. It sees the system read-only and the workspace at /workspace, where it can write; nothing else lasts. ' +
    'Without `shell` the command is one program with its arguments; with it, /bin/sh runs the command, with pipes, variables and the rest.';
  readonly parametersSchema = {
    type: 'object',
    properties: {
      command: {
        type: 'string',
        minLength: 1,
        maxLength: 100_000,
        description: 'What to run, as one line such as `grep -rn "to do" src`. Give either this or argv.',
      },
      argv: {
        type: 'array',
        items: { type: 'string', maxLength: MAX_ARGUMENT_BYTES },
        minItems: 1,
        maxItems: 1000,
        description: 'The program and its arguments, each as it is.',
      },
      shell: { type: 'boolean', description: 'Have /bin/sh run the command. Default false.' },
      working_directory: {
        type: 'string',
        minLength: 1,
        maxLength: 4000,
        description: 'A folder of the workspace, such as `src`; default: its top.',
      },
      environment: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'More variables of the program.',
      },
      capture_stderr: { type: 'boolean', description: 'Whether to answer what it wrote to stderr. Default true.' },
      timeout_seconds: {
        type: 'number',
        minimum: 1,
        maximum: MAX_TIMEOUT_SECONDS,
        description: 'After so many seconds it is ended, with everything it started.',
      },
    },
    additionalProperties: false,
  } as const;

  override check(parameters: ShellParameters): readonly ParameterError[] {
    const { command, argv, shell = false, environment = {}, working_directory: directory } = parameters;
    const errors = [
      ...environmentErrors(environment),
      ...(directory === undefined ? [] : directoryErrors('working_directory', directory)),
    ];
    if ((command === undefined) === (argv === undefined))
      return [{ field: 'command', message: 'must be given, or else argv, and not both.' }, ...errors];
    if (argv !== undefined) {
      if (shell) errors.push({ field: 'shell', message: 'must not be true with argv: a shell takes a command.' });
      return [...argumentErrors('argv', argv), ...errors];
    }
    return [...commandErrors(command ?? '', shell), ...errors];
  }

  async run(parameters: ShellParameters, context: ToolContext): Promise<ToolResult> {
    const { environment, working_directory: workingDirectory, capture_stderr: capturesStderr = true } = parameters;
    const argv = argvOf(parameters);
    const result = await this.runInSandbox({ argv, environment, workingDirectory }, parameters, context);
    return capturesStderr ? result : { ...result, stderr: undefined };
  }
}

function argvOf({ command = '', argv, shell = false }: ShellParameters): readonly string[] {
  if (argv) return argv;
  if (shell) return ['/bin/sh', '-c', command];
  const line = splitCommand(command);
  return 'argv' in line ? line.argv : [];
}

function commandErrors(command: string, shell: boolean): readonly ParameterError[] {
  const field = 'command';
  if (shell) return argumentErrors(field, ['/bin/sh', '-c', command]);
  const line = splitCommand(command);
  return 'error' in line ? [{ field, message: line.error }] : argumentErrors(field, line.argv);
}
