import fc from 'fast-check';
import { WorkspaceError } from '../../src/tools/workspace/workspace-error.js';
import { fuzzedPaths } from './fuzzed-paths.js';
import { setTraps } from './workspace-attacks.js';
import { makeWorkspace, readText, SECRET, type WorkspaceFolder } from './workspace-folder.js';

const CASES = 10_000;

let folder: WorkspaceFolder;
let before: Record<string, string>;
beforeAll(async () => {
  folder = await makeWorkspace();
  await setTraps(folder);
  before = await folder.outsideContents();
});
afterAll(() => folder.remove());

const operations = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('read', 'stat', 'list', 'walk') },
  { weight: 1, arbitrary: fc.constantFrom('write', 'make', 'copy', 'move', 'remove') },
);

/** @returns what was read */
async function attempt(operation: string, path: string, other: string): Promise<string> {
  const { workspace } = folder;
  const copyLimits = { maxBytes: 10_000, maxFiles: 100 };
  if (operation === 'read') return await readText(workspace, path);
  if (operation === 'stat') return (await workspace.stat(path)).path;
  if (operation === 'list') return JSON.stringify(await workspace.list(path, { limit: 5 }));
  if (operation === 'write') await workspace.writeFile(path, Buffer.from(other.slice(0, 100)), { maxBytes: 1000 });
  if (operation === 'make') await workspace.makeDirectory(path);
  if (operation === 'copy') await workspace.copy(path, other, copyLimits);
  if (operation === 'move') await workspace.move(path, other);
  if (operation === 'remove') return await workspace.remove(path);
  if (operation !== 'walk') return '';
  const met: string[] = [];
  for await (const entry of workspace.walk(path, { maxDepth: 2 })) {
    met.push(entry.path);
    if (met.length === 20) break;
  }
  return met.join('\n');
}

it(`${CASES} paths, and none leads out`, async () => {
  await fc.assert(
    fc.asyncProperty(operations, fuzzedPaths(folder), fuzzedPaths(folder), async (operation, path, other) => {
      try {
        expect(await attempt(operation, path, other)).not.toContain(SECRET);
      } catch (error) {
        // The sparse terabyte: too large for a string, which is what its reader is there to mind.
        if (error instanceof RangeError && operation === 'read') return;
        if (!(error instanceof WorkspaceError)) throw error;
        expect(error.message).not.toMatch(/\bE[A-Z]{4,}\b:|\/proc\/self\/fd\/\d/);
      }
    }),
    { numRuns: CASES },
  );
  expect(await folder.outsideReads()).toEqual([]);
  expect(await folder.outsideContents()).toEqual(before);
}, 300_000);
