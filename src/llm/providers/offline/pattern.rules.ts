import { RE2JSException } from 're2js';
import { linearPattern } from '../../../http/linear-patterns.rules.js';

/** A part of a pattern: the texts it can stand for, given how often what may be repeated is repeated. */
type Part = (repeats: number) => string;

const CANDIDATES = 'a1A-_ .z0Z/:@#';
const LONGEST = 4096;
const MOST_REPEATS = 64;
const ESCAPED: Readonly<Record<string, string>> = {
  d: '0',
  D: 'a',
  w: 'a',
  W: '-',
  s: ' ',
  S: 'a',
  n: '\n',
  t: '\t',
  r: '\r',
};

/**
 * A text of at least `least` characters that the pattern allows; undefined for a pattern that is none, or beyond what is read here
 * (lookarounds, back references, properties of Unicode).
 */
export function textMatching(pattern: string, least = 0): string | undefined {
  try {
    const expression = linearPattern(pattern);
    const part = new PatternReader(pattern).whole();
    for (let repeats = 0; repeats <= LONGEST; repeats = repeats === 0 ? 1 : repeats * 2) {
      const text = part(repeats);
      if (text.length > LONGEST) return undefined;
      if (text.length >= least && expression.test(text)) return text;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RE2JSException)) throw error;
  }
  return undefined;
}

class PatternReader {
  private at = 0;

  constructor(private readonly pattern: string) {}

  whole(): Part {
    const part = this.alternatives();
    if (this.at < this.pattern.length) throw this.beyond();
    return part;
  }

  /** The first of them is taken. */
  private alternatives(): Part {
    const first = this.sequence();
    while (this.takes('|')) this.sequence();
    return first;
  }

  private sequence(): Part {
    const parts: Part[] = [];
    while (this.at < this.pattern.length && !'|)'.includes(this.here())) parts.push(this.quantified());
    return (repeats) => parts.map((part) => part(repeats)).join('');
  }

  private quantified(): Part {
    const part = this.atom();
    const [least, most] = this.quantifier();
    this.takes('?');
    return (repeats) => {
      const count = Math.min(Math.max(least, Math.min(repeats, most)), LONGEST);
      // Nested repetition multiplies; what is too long is given up by the caller.
      return part(count > MOST_REPEATS ? 0 : repeats)
        .repeat(count)
        .slice(0, LONGEST + 1);
    };
  }

  private quantifier(): readonly [number, number] {
    if (this.takes('?')) return [0, 0];
    if (this.takes('*')) return [0, Infinity];
    if (this.takes('+')) return [1, Infinity];
    const counted = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.pattern.slice(this.at, this.at + 24));
    if (counted === null) return [1, 1];
    this.at += counted[0].length;
    const least = Number(counted[1]);
    if (counted[2] === undefined) return [least, least];
    return [least, counted[3] === '' ? Infinity : Number(counted[3])];
  }

  private atom(): Part {
    if (this.takes('^') || this.takes('$')) return () => '';
    if (this.takes('.')) return () => 'a';
    if (this.takes('(')) return this.group();
    if (this.takes('[')) return this.characterClass();
    if (this.takes('\\')) return this.escape();
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += character.length;
    return () => character;
  }

  private group(): Part {
    const name = /^\?(?::|<[A-Za-z]\w*>)/.exec(this.pattern.slice(this.at, this.at + 80));
    if (name === null && this.here() === '?') throw this.beyond();
    this.at += name?.[0].length ?? 0;
    const part = this.alternatives();
    if (!this.takes(')')) throw this.beyond();
    return part;
  }

  private characterClass(): Part {
    const from = this.at - 1;
    while (this.here() !== ']') this.at += this.here() === '\\' ? 2 : 1;
    this.at += 1;
    const source = this.pattern.slice(from, this.at);
    const expression = linearPattern(`^${source}$`);
    const own = Array.from(source.replaceAll(/[[\]^\\]/g, ''));
    const found = [...Array.from(CANDIDATES), ...own].find((character) => expression.test(character));
    if (found === undefined) throw this.beyond();
    return () => found;
  }

  private escape(): Part {
    const character = this.here();
    this.at += 1;
    if (character === 'b' || character === 'B') return () => '';
    const meant = ESCAPED[character];
    if (meant === undefined && /[a-z0-9]/i.test(character)) throw this.beyond();
    return () => meant ?? character;
  }

  private here(): string {
    const character = this.pattern[this.at];
    if (character === undefined) throw this.beyond();
    return character;
  }

  private takes(character: string): boolean {
    if (this.pattern[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private beyond(): SyntaxError {
    return new SyntaxError(`Not read here: ${this.pattern}`);
  }
}
