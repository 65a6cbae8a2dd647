import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { splitCommand } from '../../src/tools/builtin/command-line.rules.js';
import { ShellCommandTool } from '../../src/tools/builtin/shell-command.tool.js';
import { describeWithSandbox, SandboxRoom } from './sandbox-room.js';
import { runTool, SETTINGS } from './tool-context.js';

describe('a command in one string', () => {
  it.each([
    ['ls -la src', ['ls', '-la', 'src']],
    [`grep -rn "to do" 'a b'`, ['grep', '-rn', 'to do', 'a b']],
    [`echo '$HOME' "a'b" c\\ d ""`, ['echo', '$HOME', `a'b`, 'c d', '']],
    ['find . -name *.ts', ['find', '.', '-name', '*.ts']],
    [`printf 'two\nlines'\n`, ['printf', 'two\nlines']],
  ])('is split as a shell splits %j', (command, argv) => {
    expect(splitCommand(command)).toEqual({ argv });
  });

  it.each([
    ['a; b', 'a line break or ;'],
    ['a && b', '&&'],
    ['a | b', '|'],
    ['a > b', '>'],
    ['a &', '&'],
    ['a\nb', 'a line break'],
    ['a\rb', 'a line break'],
    ['echo $HOME', 'a variable'],
    ['echo "${HOME}"', 'a variable'],
    ['echo $(id)', 'a variable or a substitution'],
    ['a # b', 'a comment'],
    ['echo "open', 'a quote that is not closed'],
    ['echo ${', 'an expansion'],
    ['   ', 'must name a program'],
  ])('that only a shell understands is refused: %j', (command, named) => {
    const line = splitCommand(command);
    expect('error' in line && line.error).toContain(named);
  });

  it('never becomes other words than were quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), (words) => {
        const command = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
        expect(splitCommand(command)).toEqual({ argv: words });
      }),
      { numRuns: 2000 },
    );
  });
});

describeWithSandbox('shell_command', () => {
  let room: SandboxRoom;
  let tool: ShellCommandTool;
  beforeAll(async () => {
    room = await SandboxRoom.open();
    tool = new ShellCommandTool(room.sandbox, room.config, SETTINGS);
    await mkdir(join(room.workspace, 'src'));
  });
  afterAll(async () => {
    await room.close();
  });

  it('runs a program with its arguments, which no shell reads', async () => {
    const result = await runTool(room, tool, { argv: ['echo', '$HOME', ';', '`id`', '*'] });
    expect(result).toMatchObject({ success: true, stdout: '$HOME ; `id` *\n', exitCode: 0 });
    expect(result).toMatchObject({ metadata: { return_code: 0 }, output: { ended: 'exited', return_code: 0 } });
  });

  it('runs a command with a shell where that is asked for', async () => {
    const command = 'echo "$GREETING" | tr a-z A-Z > out.txt; pwd; echo wrong >&2; exit 3';
    const parameters = { command, shell: true, working_directory: 'src', environment: { GREETING: 'hello' } };
    expect(await runTool(room, tool, parameters)).toMatchObject({
      success: false,
      errorMessage: 'It ended with code 3.',
      exitCode: 3,
      stdout: '/workspace/src\n',
      stderr: 'wrong\n',
    });
    expect(await readFile(join(room.workspace, 'src/out.txt'), 'utf8')).toBe('HELLO\n');
    expect((await runTool(room, tool, { ...parameters, capture_stderr: false })).stderr).toBeUndefined();
  });

  it('ends it after the seconds it is given, or those of the configuration', async () => {
    expect(await runTool(room, tool, { command: 'sleep 100', timeout_seconds: 1 })).toMatchObject({
      success: false,
      errorMessage: 'It did not end within 1 seconds and was ended.',
      output: { ended: 'timeout', return_code: null },
    });
    expect(tool.parametersSchema.properties.timeout_seconds.maximum).toBe(300);
  });

  it('says what it cannot do', async () => {
    const missing = await runTool(room, tool, { command: 'pwd', working_directory: 'nowhere' });
    expect(missing).toEqual({ success: false, output: null, errorMessage: 'The working directory does not exist.' });
    expect(await runTool(room, tool, { command: 'no-such-program' })).toMatchObject({ success: false, exitCode: 127 });
  });

  it.each([
    [{}, 'command'],
    [{ command: 'a', argv: ['a'] }, 'command'],
    [{ argv: ['a'], shell: true }, 'shell'],
    [{ argv: [' '] }, 'argv'],
    [{ argv: ['a=b'] }, 'argv'],
    [{ argv: ['a', 'b\0'] }, 'argv'],
    [{ argv: ['a', 'x'.repeat(200_000)] }, 'argv'],
    [{ command: 'a', working_directory: '../up' }, 'working_directory'],
    [{ command: 'a', working_directory: '/etc' }, 'working_directory'],
    [{ command: 'a', working_directory: 'a\0' }, 'working_directory'],
    [{ command: 'a', environment: { 'A=B': '' } }, 'environment'],
    [{ command: 'a', environment: { A: '\0' } }, 'environment.A'],
    [{ command: 'a', environment: { A: 'x'.repeat(200_000) } }, 'environment'],
  ])('refuses parameters that make no sense: %#', (parameters, field) => {
    expect(tool.check(parameters)).toMatchObject([{ field }]);
  });
});
