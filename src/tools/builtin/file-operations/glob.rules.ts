import { compilePattern, PatternError } from './pattern.rules.js';

export const MAX_GLOB_CHARS = 256;
/** Braces and brackets in each other. */
const MAX_NESTING = 10;

const CLASS_NAMES = new Set(['alnum', 'alpha', 'blank', 'digit', 'lower', 'punct', 'space', 'upper', 'word', 'xdigit']);
const EXTENDED: Readonly<Record<string, string>> = { '@': ')', '?': ')?', '*': ')*', '+': ')+' };

export type PathMatcher = (path: string) => boolean;

/**
 * Matches paths with `/` between their parts by a glob of shells: `*`, `?`, `**`, `[a-z]`, `{a,b}`, `@(a|b)`, `?(…)`, `*(…)`, `+(…)`; a
 * backslash makes the next character itself. Names that begin with a dot are names like others, and
 * `a/**` is what is in `a`. A glob without `/` is about the last name,
 * at any depth. The time is linear in the length of the path, whatever the glob.
 * @throws PatternError in words for whoever wrote the glob
 */
export function compileGlob(glob: string): PathMatcher {
  if (glob.length > MAX_GLOB_CHARS) throw new PatternError(`A glob has at most ${MAX_GLOB_CHARS} characters.`);
  const relative = glob.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
  if (relative === '') throw new PatternError('The glob is empty; "**" is everything.');
  const source = new GlobReader(relative).read();
  const anywhere = relative.includes('/') ? '' : '(?:.*/)?';
  const pattern = compilePattern(`(?s:${anywhere}(?:${source}))`, { isCaseSensitive: true });
  return (path) => pattern.matches(path);
}

interface Placed {
  readonly path: string;
  readonly type: string;
}

/** Matches what is in a folder by its path from there; a file by its name. */
export function matcherBelow(start: Placed, matches: PathMatcher): (entry: Placed) => boolean {
  const folder =
    start.type === 'directory' ? start.path : start.path.slice(0, Math.max(0, start.path.lastIndexOf('/')));
  const from = folder === '.' || folder === '' ? 0 : folder.length + 1;
  return ({ path }) => matches(path.slice(from));
}

/** Reads a glob once, from left to right, and says it as a regular expression of RE2. */
class GlobReader {
  private at = 0;

  constructor(private readonly glob: string) {}

  read(): string {
    return this.sequence('', 0);
  }

  /** @param ends the characters that end it, which belong to what it is in */
  private sequence(ends: string, nesting: number): string {
    if (nesting > MAX_NESTING) throw new PatternError(`A glob nests at most ${MAX_NESTING} deep.`);
    let source = '';
    while (this.at < this.glob.length && !ends.includes(this.char(0))) source += this.piece(ends, nesting);
    return source;
  }

  private piece(ends: string, nesting: number): string {
    const char = this.char(0);
    const next = this.char(1);
    if (next === '(' && char === '!') {
      throw new PatternError('"!(…)" is not understood; search for more, and leave out what is not wanted.');
    }
    if (next === '(' && char in EXTENDED) {
      this.at += 2;
      return this.alternatives('|', ')', EXTENDED[char] ?? ')', nesting);
    }
    if (char === '{' && this.hasAlternatives()) {
      this.at += 1;
      return this.alternatives(',', '}', ')', nesting);
    }
    if (char === '*') return this.stars(ends);
    if (char === '[') return this.characterClass();
    this.at += 1;
    if (char === '?') return '[^/]';
    if (char !== '\\' || next === '') return quoted(char);
    this.at += 1;
    return quoted(next);
  }

  private alternatives(separator: string, end: string, closing: string, nesting: number): string {
    const choices = [this.sequence(separator + end, nesting + 1)];
    while (this.char(0) === separator) {
      this.at += 1;
      choices.push(this.sequence(separator + end, nesting + 1));
    }
    if (this.char(0) !== end) throw new PatternError(`A "${end}" is missing in the glob.`);
    this.at += 1;
    return `(?:${choices.join('|')}${closing}`;
  }

  /** `**` is folders only where it is all there is between two slashes; elsewhere any number of stars is one. */
  private stars(ends: string): string {
    const start = this.at;
    while (this.char(0) === '*' && this.char(1) !== '(') this.at += 1;
    const before = this.glob[start - 1] ?? '/';
    const after = this.char(0);
    const isAlone = '/,|{('.includes(before) && this.at - start > 1;
    if (isAlone && after === '/') {
      this.at += 1;
      return '(?:.*/)?';
    }
    return isAlone && (after === '' || ends.includes(after)) ? '.*' : '[^/]*';
  }

  /** A brace without a comma is a brace. */
  private hasAlternatives(): boolean {
    let depth = 0;
    for (let index = this.at; index < this.glob.length; index++) {
      const char = this.glob[index];
      if (char === '\\') index += 1;
      else if (char === '{') depth += 1;
      else if (char === ',' && depth === 1) return true;
      else if (char === '}' && --depth === 0) return false;
    }
    return false;
  }

  /** Never matches `/`. A bracket that is not closed is a bracket. */
  private characterClass(): string {
    const isNegated = '!^'.includes(this.char(1)) && this.char(1) !== '';
    let index = this.at + (isNegated ? 2 : 1);
    const first = index;
    let members = '';
    for (; index < this.glob.length; index++) {
      const char = this.glob.charAt(index);
      if (char === ']' && index > first) {
        this.at = index + 1;
        return isNegated ? `[^/${members}]` : `[${members}]`;
      }
      const named = char === '[' && this.glob[index + 1] === ':' ? this.glob.indexOf(':]', index + 2) : -1;
      if (named > 0 && CLASS_NAMES.has(this.glob.slice(index + 2, named))) {
        members += this.glob.slice(index, named + 2);
        index = named + 1;
      } else if (char === '-') {
        // Between two members it is a range, elsewhere itself.
        members += index > first && (this.glob[index + 1] ?? ']') !== ']' ? '-' : '\\-';
      } else {
        if (char === '\\') index += 1;
        members += quoted(this.glob.charAt(index));
      }
    }
    this.at += 1;
    return quoted('[');
  }

  private char(offset: number): string {
    return this.glob.charAt(this.at + offset);
  }
}

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|\-&~#]/g, '\\$&');
