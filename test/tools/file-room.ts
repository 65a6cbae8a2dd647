import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileOperationsTool } from '../../src/tools/builtin/file-operations/file-operations.tool.js';
import type { FileParameters } from '../../src/tools/builtin/file-operations/parameters.js';
import type { ToolResult } from '../../src/tools/tool.js';
import { makeWorkspace, type WorkspaceFolder } from './workspace-folder.js';

export type Output = Record<string, unknown>;

export const MEBIBYTE = 1024 * 1024;
export const tool = new FileOperationsTool();
export const isValid = new Ajv2020({ strict: true }).compile<FileParameters>(tool.parametersSchema);

/** A workspace, new for each test of a file, and the tool at work in it. */
export class FileRoom {
  private current: WorkspaceFolder | undefined;

  constructor() {
    beforeEach(async () => {
      this.current = await makeWorkspace();
    });
    afterEach(async () => {
      await this.folder.remove();
    });
  }

  get folder(): WorkspaceFolder {
    if (!this.current) throw new Error('There is a workspace only while a test runs.');
    return this.current;
  }

  /** As the runner does it: valid by the schema, then by the tool's own check, then run. */
  readonly result = async (parameters: FileParameters, signal = new AbortController().signal): Promise<ToolResult> => {
    expect(isValid(parameters)).toBe(true);
    expect(tool.check(parameters)).toEqual([]);
    const { workspace } = this.folder;
    return await tool.run(parameters, {
      caller: { kind: 'person', principalId: 'somebody', role: 'operator' },
      onBehalfOf: 'somebody',
      executionId: 'one',
      workspace,
      timeoutMs: 60_000,
      signal,
    });
  };

  /** Of a run that succeeds, and answers no more than may be. */
  readonly output = async (parameters: FileParameters): Promise<Output> => {
    const { success, output, errorMessage } = await this.result(parameters);
    expect(errorMessage).toBeUndefined();
    expect(success).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThanOrEqual(MEBIBYTE);
    return output as Output;
  };

  readonly put = async (files: Readonly<Record<string, string | Buffer>>): Promise<void> => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(this.folder.inside(path)), { recursive: true });
      await writeFile(this.folder.inside(path), content);
    }
  };
}

export const pathsOf = ({ entries }: Output): string[] => (entries as { path: string }[]).map(({ path }) => path);
