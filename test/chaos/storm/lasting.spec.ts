import { lasting } from './lasting.js';

/** What looks see, one after the other; the last one again and again. */
const seeing = (...looks: readonly (readonly string[])[]) => {
  let at = 0;
  return () => Promise.resolve([...(looks[Math.min(at++, looks.length - 1)] ?? [])]);
};

it('finds nothing wrong that was right once, also where it is seen again', async () => {
  await expect(lasting(60_000, seeing(['held'], [], ['held']))).resolves.toEqual([]);
});

it('tells what stays wrong, as it was seen last', async () => {
  await expect(lasting(150, seeing(['one', 'two'], ['two']))).resolves.toEqual(['two']);
});

it('looks once, however short the time', async () => {
  await expect(lasting(0, seeing([]))).resolves.toEqual([]);
});

it('fails with the look, instead of taking it for one that saw nothing', async () => {
  await expect(lasting(60_000, () => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer');
});
