import { pointsOf, shorten } from './text.rules.js';
import { termsOf, wordsOf } from './words.rules.js';

const ASKS =
  /(?<![\p{L}\p{N}])(?:summari[sz](?:e|es|ing)|summary|summaries|condense|sum\s(?:\S+\s){0,3}up|sum up|tl;?dr|recap|abstract of|shorten|zusammenfass\p{L}*|fasse?n?\s(?:[^.!?\n]{0,200}\s)?zusammen|kurzfassung|kürze)(?![\p{L}\p{N}])/iu;
const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  a: 1,
  einem: 1,
  einen: 1,
  zwei: 2,
  drei: 3,
  vier: 4,
  fünf: 5,
  sechs: 6,
  sieben: 7,
  acht: 8,
  neun: 9,
  zehn: 10,
};
const ASKED_COUNT =
  /(?<![\p{L}\p{N}])(\p{L}+|\d{1,3})\s(?:short\s|kurzen?\s)?(?:sentences?|sätzen?|satz|bullet points?|bullets|points|punkten?|stichpunkten?)(?![\p{L}\p{N}])/iu;
const ASKED_WORDS = /(?<![\p{L}\p{N}])(\d{1,4})\s(?:words|wörtern?|worten?)(?![\p{L}\p{N}])/iu;
const LONGEST_SENTENCE = 400;
const LONGEST_SUMMARY = 2000;

export interface Summary {
  /** Word for word, in the order of the text. */
  readonly sentences: readonly string[];
  /** How many sentences there were to choose from. */
  readonly of: number;
}

export interface SummaryLimits {
  readonly sentences?: number;
  readonly words?: number;
}

export const asksForSummary = (text: string): boolean => ASKS.test(text);

/** "in two sentences", "in 50 words". */
export function limitsIn(request: string): SummaryLimits {
  const given = ASKED_COUNT.exec(request)?.[1]?.toLowerCase() ?? '';
  const sentences = Object.hasOwn(NUMBERS, given) ? NUMBERS[given] : Number.parseInt(given, 10);
  const words = Number(ASKED_WORDS.exec(request)?.[1] ?? NaN);
  return {
    ...(sentences !== undefined && sentences > 0 && { sentences }),
    ...(words > 0 && { words }),
  };
}

/** The sentences whose words are the most frequent ones of the text. Without a number asked for: three to five, by the length of the text. */
export function summarise(texts: readonly string[], limits: SummaryLimits = {}): Summary {
  const sentences = [...new Set(texts.flatMap((text) => pointsOf(text).map((point) => point.text)))];
  const terms = sentences.map((sentence) => new Set(termsOf(sentence)));
  const frequency = new Map<string, number>();
  for (const term of terms.flatMap((each) => [...each])) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const weightOf = (index: number): number => {
    const own = terms[index] ?? new Set<string>();
    let sum = 0;
    for (const term of own) sum += (frequency.get(term) ?? 0) - 1 + 0.1;
    // By the root of the length: neither the longest nor the shortest sentence wins for its length alone.
    return (sum / Math.sqrt(own.size + 1)) * (index === 0 ? 1.25 : 1);
  };
  const ranked = sentences.map((_, index) => ({ index, weight: weightOf(index) }));
  ranked.sort((a, b) => b.weight - a.weight || a.index - b.index);
  const count = limits.sentences ?? Math.min(5, Math.max(3, Math.ceil(sentences.length / 10)));
  const chosen = within(
    ranked.slice(0, count).map(({ index }) => ({ index, text: sentences[index] ?? '' })),
    limits,
  );
  return { sentences: chosen, of: sentences.length };
}

/** The best ones that fit the length, in the order of the text; at least one. */
function within(
  best: readonly { readonly index: number; readonly text: string }[],
  { words }: SummaryLimits,
): string[] {
  const kept: { index: number; text: string }[] = [];
  let [characters, wordCount] = [0, 0];
  for (const { index, text } of best) {
    const short = shorten(text, LONGEST_SENTENCE);
    characters += short.length;
    wordCount += wordsOf(short).length;
    if (kept.length > 0 && (characters > LONGEST_SUMMARY || wordCount > (words ?? Infinity))) break;
    kept.push({ index, text: words === undefined ? short : firstWords(short, words) });
  }
  return kept.toSorted((a, b) => a.index - b.index).map(({ text }) => text);
}

const firstWords = (text: string, count: number): string => {
  const words = text.split(' ');
  return words.length <= count ? text : `${words.slice(0, count).join(' ')}…`;
};
