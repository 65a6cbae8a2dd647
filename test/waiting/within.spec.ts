import { within } from '../../src/waiting/within.js';

const late = (): Error => new Error('late');

it('answers what the work answers', async () => {
  await expect(within(60_000, () => Promise.resolve(1), late)).resolves.toBe(1);
});

it('gives up what takes longer', async () => {
  await expect(within(1, () => new Promise<never>(() => undefined), late)).rejects.toThrow('late');
});

it.each([
  ['rejects', () => Promise.reject(new Error('broken'))],
  [
    'throws at once',
    () => {
      throw new Error('broken');
    },
  ],
])('holds no timer after work that %s', async (_how, work) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await expect(within(60_000, work, late)).rejects.toThrow('broken');
  expect(timers()).toBe(before);
});
