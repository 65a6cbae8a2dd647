import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { serve } from './child.mjs';

const [who, folder, pattern] = process.argv.slice(2);
const built = (file) => import(new URL(`../../../dist/src/tools/${file}`, import.meta.url));

/** The tool itself, without the server around it. */
async function nyx() {
  const { Workspace } = await built('workspace/workspace.js');
  const { FileOperationsTool } = await built('builtin/file-operations/file-operations.tool.js');
  const workspace = await Workspace.open(folder);
  const tool = new FileOperationsTool();
  const run = async (parameters) => {
    const context = {
      executionId: 'bench',
      workspace,
      timeoutMs: 600_000,
      signal: globalThis.AbortSignal.timeout(600_000),
    };
    const { success, output } = await tool.run(parameters, context);
    if (!success || output.truncated)
      throw new Error(`The tool did not do it all: ${JSON.stringify(output).slice(0, 500)}`);
    return output;
  };
  return {
    analyze: async () => (await run({ operation: 'analyze_codebase' })).total_lines,
    find: async () => (await run({ operation: 'find_pattern', pattern })).matches.length,
  };
}

/** What a script would do: walk, read each file, look at its lines. No check of anything. */
function bare() {
  const expression = new RegExp(pattern);
  const each = async (directory, visit) => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await each(path, visit);
      else if (entry.isFile()) visit(await readFile(path));
    }
  };
  return {
    analyze: async () => {
      let lines = 0;
      await each(folder, (bytes) => {
        for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
      });
      return lines;
    },
    find: async () => {
      let matches = 0;
      await each(folder, (bytes) => {
        for (const line of bytes.toString('utf8').split('\n')) if (expression.test(line)) matches += 1;
      });
      return matches;
    },
  };
}

const operations = who === 'nyx' ? await nyx() : bare();

serve(async ({ operation }) => {
  const startedAt = performance.now();
  const answer = await operations[operation]();
  return { ms: performance.now() - startedAt, answer, peakMiB: process.resourceUsage().maxRSS / 1024 };
});
