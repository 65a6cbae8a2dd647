import { inBatches } from '../../src/waiting/batches.js';

it('goes on until a batch is not full', async () => {
  const left = [false, false, true, true];
  await expect(inBatches(Infinity, () => Promise.resolve(left.shift() ?? true))).resolves.toBe(true);
  expect(left).toEqual([true]);
});

it('begins none when the time is over, and says that there may be more', async () => {
  let begun = 0;
  const batch = (): Promise<boolean> => Promise.resolve(Boolean(++begun));
  await expect(inBatches(performance.now() - 1, batch)).resolves.toBe(false);
  expect(begun).toBe(0);
});

it('fails with the batch that fails', async () => {
  await expect(inBatches(Infinity, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
