import { numberIn, type Schema } from './schema.rules.js';

const STEPS_TRIED = 50;

/** Whether the schema's bounds and step allow the value. */
export function isNumberAllowed(value: number, schema: Schema, isWhole: boolean): boolean {
  const step = numberIn(schema, 'multipleOf');
  return (
    Number.isFinite(value) &&
    (!isWhole || Number.isInteger(value)) &&
    (step === undefined || Number.isInteger(value / step)) &&
    value >= (numberIn(schema, 'minimum') ?? -Infinity) &&
    value <= (numberIn(schema, 'maximum') ?? Infinity) &&
    value > (numberIn(schema, 'exclusiveMinimum') ?? -Infinity) &&
    value < (numberIn(schema, 'exclusiveMaximum') ?? Infinity)
  );
}

/** Scores get the middle of their range, counts the least. */
export function fillNumber(schema: Schema, isWhole: boolean): number {
  const low = highest(numberIn(schema, 'minimum'), numberIn(schema, 'exclusiveMinimum'));
  const high = lowest(numberIn(schema, 'maximum'), numberIn(schema, 'exclusiveMaximum'));
  const step = numberIn(schema, 'multipleOf') ?? (isWhole ? 1 : undefined);
  const wanted = low !== undefined && high !== undefined ? (low + high) / 2 : (low ?? Math.min(high ?? 1, 1));
  const candidates = step === undefined ? [wanted, wanted + 1, wanted - 1] : aroundInSteps(wanted, step);
  return candidates.find((value) => isNumberAllowed(value, schema, isWhole)) ?? wanted;
}

function aroundInSteps(wanted: number, step: number): number[] {
  const nearest = Math.floor(wanted / step);
  const offsets = Array.from({ length: STEPS_TRIED }, (_, index) => [-index, index + 1]).flat();
  // Plain multiplication leaves 0.30000000000000004, which is no multiple of 0.1.
  return offsets.map((offset) => Number(((nearest + offset) * step).toPrecision(15)) + 0);
}

const highest = (one?: number, other?: number): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);

const lowest = (one?: number, other?: number): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
