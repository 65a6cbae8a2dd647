import type { FieldError } from './problem.js';

/** Deeper bodies are refused: nothing of ours needs them, and recursive code behind the door stays safe. */
const MAX_JSON_DEPTH = 100;

export interface JsonBounds {
  /** Of one object. */
  readonly maxMembers: number;
  /** Members and items of all objects and arrays together. */
  readonly maxValues: number;
}

/** What reads bodies behind the door compares each member of an object with every other. */
export const BODY_BOUNDS: JsonBounds = { maxMembers: 1_000, maxValues: 100_000 };

const UNBOUNDED: JsonBounds = { maxMembers: Infinity, maxValues: Infinity };

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What in a parsed JSON value PostgreSQL could not store or JavaScript could be tricked with: NUL and lone surrogates in
 * strings and keys, numbers beyond the range of a double, `__proto__` keys, nesting beyond `MAX_JSON_DEPTH`; and more than
 * `bounds` allow. Undefined when there is none.
 */
export function unacceptableIn(root: unknown, bounds = UNBOUNDED): FieldError | undefined {
  const search = new Search(bounds.maxMembers, bounds.maxValues);
  const wrong = search.wrongIn(root, 0);
  if (search.isOver) return { field: 'body', message: `must have at most ${bounds.maxValues} values in all` };
  return wrong && { field: wrong.path.reverse().join('.') || 'body', message: wrong.message };
}

/** Why a string cannot be taken, or undefined. */
export function wrongWithText(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain the character NUL';
  return LONE_SURROGATE.test(text) ? 'must be well-formed Unicode' : undefined;
}

interface Found {
  /** From the inside out. */
  readonly path: string[];
  readonly message: string;
}

const found = (message: string | undefined): Found | undefined =>
  message === undefined ? undefined : { path: [], message };

/** Makes nothing for what is right: anybody may send a large body. */
class Search {
  private values = 0;

  constructor(
    private readonly maxMembers: number,
    private readonly maxValues: number,
  ) {}

  get isOver(): boolean {
    return this.values > this.maxValues;
  }

  wrongIn(value: unknown, depth: number): Found | undefined {
    if (depth > MAX_JSON_DEPTH) return found(`must not be nested deeper than ${MAX_JSON_DEPTH} levels`);
    if (typeof value === 'string') return found(wrongWithText(value));
    if (typeof value === 'number' && !Number.isFinite(value)) return found('must be a number that a double can hold');
    if (typeof value !== 'object' || value === null) return undefined;
    return Array.isArray(value) ? this.wrongInItems(value, depth) : this.wrongInMembers(value, depth);
  }

  private wrongInItems(items: readonly unknown[], depth: number): Found | undefined {
    this.values += items.length;
    for (let index = 0; index < items.length && !this.isOver; index += 1) {
      const wrong = this.wrongIn(items[index], depth + 1);
      if (wrong) return at(String(index), wrong);
    }
    return undefined;
  }

  private wrongInMembers(object: object, depth: number): Found | undefined {
    const keys = Object.keys(object);
    if (keys.length > this.maxMembers) return found(`must have at most ${this.maxMembers} members`);
    this.values += keys.length;
    for (const key of keys) {
      if (this.isOver) return undefined;
      const wrongKey = key === '__proto__' ? 'must not have a key __proto__' : wrongWithText(key);
      if (wrongKey !== undefined) return found(wrongKey);
      const wrong = this.wrongIn((object as Readonly<Record<string, unknown>>)[key], depth + 1);
      if (wrong) return at(key, wrong);
    }
    return undefined;
  }
}

function at(key: string, wrong: Found): Found {
  wrong.path.push(key);
  return wrong;
}
