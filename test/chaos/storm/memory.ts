import type { Replica } from './replica.js';

/** Until then it fills caches and compiles: one that was weighed from 20 s on for as long as it lived, 44 s, still came up to what the others have. */
const WARM_MS = 30_000;
const LEAST_MS = 40_000;
/** Storms on code whose memory a soak leaves as it was brought up to 1.13: how much is under way differs from one third to another. */
const MOST_GROWTH = 1.2;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

export interface Growth {
  readonly who: string;
  readonly fromMib: number;
  readonly toMib: number;
}

/** Of each process that lived long enough to say something: the medians of the first and the last third of its life, warming up left out. */
export const growthOf = (replicas: readonly Pick<Replica, 'name' | 'memory'>[]): Growth[] =>
  replicas.flatMap(({ name, memory }) =>
    [...memory].flatMap(([pid, weights]) => {
      const bornMs = weights[0]?.atMs ?? 0;
      const warm = weights.filter(({ atMs }) => atMs - bornMs > WARM_MS);
      const livedMs = (warm.at(-1)?.atMs ?? 0) - (warm[0]?.atMs ?? 0);
      if (livedMs < LEAST_MS) return [];
      const mib = warm.map((weight) => weight.mib);
      const third = Math.ceil(mib.length / 3);
      return [
        {
          who: `${name} (${pid})`,
          fromMib: median(mib.slice(0, third)),
          toMib: median(mib.slice(-third)),
        },
      ];
    }),
  );

export const isFlat = ({ fromMib, toMib }: Growth): boolean => toMib <= fromMib * MOST_GROWTH;

export const told = ({ who, fromMib, toMib }: Growth): string =>
  `${who} ${fromMib.toFixed(0)} → ${toMib.toFixed(0)} MiB`;
