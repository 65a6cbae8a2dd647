import { spawnNyx } from '../support/process.js';

/** What NYX says when it refuses to start: one line, and nothing that looks like a stack. */
export async function refusal(options: Parameters<typeof spawnNyx>[0]): Promise<string> {
  const nyx = await spawnNyx(options);
  const { code } = await nyx.exited;
  expect([code, nyx.stderr()]).toEqual([1, expect.stringMatching(/^[^\n]+\.\n$/)]);
  expect(nyx.stdout()).not.toContain('NYX listening');
  // Nor in a line of JSON.
  expect(nyx.stdout() + nyx.stderr()).not.toMatch(/(\n|\\n)\s+at /);
  return nyx.stderr();
}
