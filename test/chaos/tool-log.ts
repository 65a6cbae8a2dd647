import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { newDataDir } from '../support/process.js';

const PLUGIN = pathToFileURL(join(import.meta.dirname, 'logging-tool.mjs')).href;

/** What the tool `log_line` was called with, in a file, over all processes that have it. */
export class ToolLog {
  private constructor(private readonly file: string) {}

  static async begin(): Promise<ToolLog> {
    return new ToolLog(join(await newDataDir(), 'tool.log'));
  }

  /** For a NYX that is to have the tool. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import ${PLUGIN}`, TEST_TOOL_LOG: this.file };
  }

  async lines(): Promise<string[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }
}
