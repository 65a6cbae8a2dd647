import type { Replica } from './replica.js';

/** Until then it fills caches and compiles. */
const WARM_MS = 20_000;
const LEAST_MS = 30_000;
const MOST_GROWTH = 1.3;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

export interface Growth {
  readonly who: string;
  readonly fromMib: number;
  readonly toMib: number;
}

/**
 * Of each process that lived long enough to say something: the first and the last third of its life, warming up left out.
 * Of the last one what it came down to: above that lies what V8 had not collected yet.
 */
export const growthOf = (replicas: readonly Replica[]): Growth[] =>
  replicas.flatMap(({ name, memory }) =>
    [...memory].flatMap(([pid, weights]) => {
      const bornMs = weights[0]?.atMs ?? 0;
      const warm = weights.filter(({ atMs }) => atMs - bornMs > WARM_MS);
      const livedMs = (warm.at(-1)?.atMs ?? 0) - (warm[0]?.atMs ?? 0);
      if (livedMs < LEAST_MS) return [];
      const mib = warm.map((weight) => weight.mib);
      const third = Math.ceil(mib.length / 3);
      return [{ who: `${name} (${pid})`, fromMib: median(mib.slice(0, third)), toMib: Math.min(...mib.slice(-third)) }];
    }),
  );

export const isFlat = ({ fromMib, toMib }: Growth): boolean => toMib <= fromMib * MOST_GROWTH;
