import type { Rule } from '../../support/model-server.js';
import { randomFrom } from '../chaos-fixture.js';

export const KINDS = [
  'kill',
  'kill',
  'terminate',
  'postgres_restart',
  'postgres_crash',
  'freeze',
  'model_slow',
  'model_failing',
  'model_failing',
  'disk',
] as const;
export type Kind = (typeof KINDS)[number];
export const OF_REPLICA: ReadonlySet<Kind> = new Set(['kill', 'terminate', 'freeze']);
const OF_POSTGRES: ReadonlySet<Kind> = new Set(['postgres_restart', 'postgres_crash']);
export const REPLICAS = 3;
/** What a call to a slow model takes, at least: no other does. */
export const LEAST_SLOW_MS = 2_500;

interface Range {
  readonly least: number;
  readonly most: number;
}
const CALM_MS: Range = { least: 5_000, most: 10_000 };
/** How long it lasts, of those that last by themselves; of a slow model how long a call does. */
const LENGTH_MS: Partial<Record<Kind, Range>> = {
  // Longer than the silence after which the others take a replica's work over.
  freeze: { least: 25_000, most: 30_000 },
  model_slow: { least: LEAST_SLOW_MS, most: 4_000 },
  disk: { least: 3_000, most: 5_000 },
};
const SLOW_CALLS = 10;
const MODEL_FAILURES: readonly Rule[] = [
  { status: 529, errorType: 'overloaded_error', times: 20 },
  { status: 429, errorType: 'rate_limit_error', retryAfterSeconds: 1, times: 10 },
  { status: 500, errorType: 'api_error', times: 10 },
  { cut: 'before', times: 10 },
  { cut: 'body', times: 10 },
  { malformed: true, times: 5 },
];
/** More than a storm has: strokes of neighbouring seeds are not the same. */
const MOST_STROKES = 10_000;

export interface Stroke {
  readonly kind: Kind;
  /** How long it is calm before. */
  readonly calmMs: number;
  /** Which of the replicas it is for. */
  readonly replica: number;
  readonly lengthMs: number;
  /** What a model does that is slow or fails. */
  readonly rule: Rule;
}

/** What goes wrong, in the order in which it does: of the seed alone, whatever becomes of it. Every round has each of `KINDS`. */
export function* strokesOf(seed: number): Generator<Stroke, never> {
  for (let round = 0; ; round += 1) yield* roundOf(seed, round);
}

export const described = ({ kind, replica, lengthMs, rule }: Stroke): string => {
  if (OF_REPLICA.has(kind)) return `${kind} replica ${replica}${lengthMs > 0 ? ` for ${lengthMs} ms` : ''}`;
  return kind.startsWith('model') ? `${kind} ${JSON.stringify(rule)}` : kind;
};

function roundOf(seed: number, round: number): Stroke[] {
  const drawn = KINDS.map((kind, index) => drawnFor(kind, seed * MOST_STROKES + round * KINDS.length + index))
    .sort((one, other) => one.at - other.at)
    .map(({ stroke }) => stroke);
  // While one is frozen no other replica is struck; and without PostgreSQL nobody would take the first one for dead.
  const isMeanwhile = ({ kind }: Stroke): boolean =>
    !OF_REPLICA.has(kind) && (round % 2 === 1 || !OF_POSTGRES.has(kind));
  const others = drawn.filter((stroke) => !isMeanwhile(stroke));
  const afterFreeze = others.findIndex(({ kind }) => kind === 'freeze') + 1;
  return others.toSpliced(afterFreeze, 0, ...drawn.filter(isMeanwhile));
}

/** By numbers of its own: what one stroke draws changes no other. */
function drawnFor(kind: Kind, seed: number): { readonly at: number; readonly stroke: Stroke } {
  const random = randomFrom(seed);
  const within = ({ least, most }: Range): number => Math.round(least + random() * (most - least));
  const at = random();
  const calmMs = within(CALM_MS);
  const replica = Math.floor(random() * REPLICAS);
  const lengthMs = within(LENGTH_MS[kind] ?? { least: 0, most: 0 });
  const failure = MODEL_FAILURES[Math.floor(random() * MODEL_FAILURES.length)] ?? {};
  const rule = kind === 'model_slow' ? { delayMs: lengthMs, times: SLOW_CALLS } : failure;
  return { at, stroke: { kind, calmMs, replica, lengthMs, rule } };
}
