import type { FieldError } from './problem.js';

/** Deeper bodies are refused: nothing of ours needs them, and recursive code behind the door stays safe. */
const MAX_JSON_DEPTH = 100;

interface Visit {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What in a parsed JSON value PostgreSQL could not store or JavaScript could be tricked with: NUL and lone surrogates in
 * strings and keys, numbers beyond the range of a double, `__proto__` keys, nesting beyond `MAX_JSON_DEPTH`. Undefined when there is none.
 */
export function unacceptableIn(root: unknown): FieldError | undefined {
  const pending: Visit[] = [{ value: root, path: '', depth: 0 }];
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const field = visit.path === '' ? 'body' : visit.path;
    const reason = wrongWithValue(visit);
    if (reason !== undefined) return { field, message: reason };
    if (typeof visit.value !== 'object' || visit.value === null) continue;
    for (const [key, value] of Object.entries(visit.value)) {
      const wrong = key === '__proto__' ? 'must not have a key __proto__' : wrongWithText(key);
      if (wrong !== undefined) return { field, message: wrong };
      pending.push({ value, path: visit.path === '' ? key : `${visit.path}.${key}`, depth: visit.depth + 1 });
    }
  }
  return undefined;
}

/** Why a string cannot be taken, or undefined. */
export function wrongWithText(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain the character NUL';
  return LONE_SURROGATE.test(text) ? 'must be well-formed Unicode' : undefined;
}

function wrongWithValue({ value, depth }: Visit): string | undefined {
  if (depth > MAX_JSON_DEPTH) return `must not be nested deeper than ${MAX_JSON_DEPTH} levels`;
  if (typeof value === 'string') return wrongWithText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'must be a number that a double can hold';
  return undefined;
}
