import { contentsOf, subjectOf, withoutElements } from './elements.rules.js';
import { pointsOf, shorten } from './text.rules.js';
import { fold, termsOf, wordsOf } from './words.rules.js';

/** Something that an output has to fulfil. */
export interface Criterion {
  readonly text: string;
  /** How the answer has to name it, when that is not the text. */
  readonly name?: string;
  /** Listed as a condition, not only a sentence of the task. */
  readonly isListed: boolean;
}

/** How a criterion stands: which of its terms are missing, as they are written in it. */
export interface Judged extends Criterion {
  readonly isMet: boolean;
  readonly reason: string;
}

const LISTS =
  /^(?:success criteria|acceptance criteria|criteria|deliverables|requirements|technical requirements|checklist|must (?:have|contain|include)|the (?:output|answer|result) must|constraints|rules|erfolgskriterien|kriterien|lieferergebnisse|anforderungen|einschränkungen)(?![\p{L}\p{N}])[^:\n]{0,60}:(.*)$/iu;
const ELEMENTS = ['criteria', 'success_criteria', 'criterion', 'deliverables', 'requirements'];
/** Their entries say how; only what can be measured or counted of them is judged. */
const HOW = /^(?:constraints|rules|einschränkungen)/i;
const ITEM = /^\s*(?:[-*•–]|\(?\d{1,3}[.)])\s+(?:\[[ x]\]\s+)?(.+)$/i;
const MOST_CRITERIA = 50;
const LONGEST_CRITERION = 300;

const AT_MOST =
  /(?:at most|no more than|up to|under|fewer than|less than|max(?:imum|imal)?\.?|within|not exceed(?:ing)?|höchstens|unter|nicht mehr als) (\d{1,6}) (words?|characters?|sentences?|lines?|wörter|zeichen|sätze|zeilen)/i;
const AT_LEAST =
  /(?:at least|no fewer than|no less than|more than|min(?:imum)?\.?|mindestens|mehr als) (\d{1,6}) (words?|characters?|sentences?|lines?|wörter|zeichen|sätze|zeilen)/i;
const NEGATED =
  /(?<![\p{L}\p{N}])(?:no|not|never|without|avoid|don't|kein|keine|keinen|ohne|nicht|niemals)(?![\p{L}\p{N}])/iu;
const QUOTED = /`([^`\n]{1,80})`|"([^"\n]{1,80})"|“([^”\n]{1,80})”|„([^“”\n]{1,80})[“”]/g;
/** Words of a criterion that speak of the output itself. */
const GENERIC = new Set(
  termsOf(
    `write include included contain contains mention provide give name names list answer must need make create produce describe explain state say show cover
output result response text document task final completeness clarity accuracy accurate quality consistency consistent correctness relevance relevant
conciseness concise readability style grammar complete correct correctly properly clearly clear good well one two three each schreibe enthalten
enthalt nenne nennen erstelle beschreibe erklare zeige ergebnis antwort vollstandig richtig klar least most words sentences`,
  ),
);
/** What an output shows without naming it. */
const FORMS: Readonly<Record<string, RegExp>> = {
  tabl: /^[\t ]*\|.*\|/m,
  tabell: /^[\t ]*\|.*\|/m,
  cod: /```/,
  list: /^[\t ]*(?:[-*•]|\d+[.)])\s/m,
  json: /^\s*[[{]/,
  link: /https?:\/\//,
  url: /https?:\/\//,
  head: /^#{1,6}\s/m,
};

/** The criteria that the prompt lists in or beside the task; without any the sentences of the task. */
export function criteriaIn(prompt: string, material: readonly string[]): Criterion[] {
  const own = withoutElements(material, prompt);
  const listed = [...new Set([...contentsOf(ELEMENTS, own).flatMap(linesOf), ...listedIn(own)])];
  if (listed.length > 0) return listed.slice(0, MOST_CRITERIA).map((text) => ({ text, isListed: true }));
  const sentences = pointsOf(withoutElements(material, subjectOf(own))).map(({ text }) => text);
  return sentences.slice(0, MOST_CRITERIA).map((text) => ({ text: shorten(text, LONGEST_CRITERION), isListed: false }));
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => shorten((ITEM.exec(line)?.[1] ?? line).trim(), LONGEST_CRITERION))
    .filter((line) => /[\p{L}\p{N}]/u.test(line));

function listedIn(text: string): string[] {
  const found: string[] = [];
  let heading: string | undefined;
  for (const line of text.split('\n')) {
    const opened = LISTS.exec(line.trim());
    const item = ITEM.exec(line)?.[1];
    if (opened !== null) {
      heading = line.trim();
      found.push(
        ...(opened[1] ?? '')
          .split(';')
          .map((part) => part.trim())
          .filter(isJudgeableUnder(heading)),
      );
    } else if (item !== undefined && heading !== undefined) {
      found.push(...[shorten(item.trim(), LONGEST_CRITERION)].filter(isJudgeableUnder(heading)));
    } else if (line.trim() !== '') heading = undefined;
  }
  return found;
}

const isJudgeableUnder =
  (heading: string) =>
  (text: string): boolean =>
    /[\p{L}\p{N}]/u.test(text) &&
    (!HOW.test(heading) || AT_MOST.test(text) || AT_LEAST.test(text) || NEGATED.test(text));

/** Judges an output against one criterion after the other. The output is read once. */
export function judgeAll(criteria: readonly Criterion[], output: string): Judged[] {
  if (!/[\p{L}\p{N}]/u.test(output)) {
    return criteria.map((criterion) => ({ ...criterion, isMet: false, reason: 'there is no output' }));
  }
  const material = { text: output, folded: fold(output), terms: new Set(termsOf(output)) };
  return criteria.map((criterion) => ({ ...criterion, ...judgeOne(criterion, material) }));
}

interface Material {
  readonly text: string;
  readonly folded: string;
  readonly terms: ReadonlySet<string>;
}

function judgeOne({ text, isListed }: Criterion, material: Material): { isMet: boolean; reason: string } {
  const measured = lengthVerdict(text, material.text);
  if (measured !== undefined) return measured;
  const quoted = [...text.matchAll(QUOTED)].map((match) => match.slice(1).find(Boolean) ?? '');
  const words = [...new Set(wordsOf(text.replaceAll(QUOTED, ' ')))].filter((word) => {
    const [term] = termsOf(word);
    return term !== undefined && !GENERIC.has(term);
  });
  const missingQuotes = quoted.filter((quote) => !material.folded.includes(fold(quote)));
  const missing = words.filter((word) => !isIn(word, material));
  if (NEGATED.test(text)) return absence(words, missing, quoted, missingQuotes);
  const share = words.length === 0 ? 1 : 1 - missing.length / words.length;
  const isMet = missingQuotes.length === 0 && share >= (isListed ? 0.5 : 0.34);
  const named = [...missingQuotes, ...missing].slice(0, 8).map((word) => `"${word}"`);
  return {
    isMet,
    reason: isMet ? 'its words occur' : `${named.join(', ')} ${named.length > 1 ? 'do' : 'does'} not occur`,
  };
}

function absence(
  words: readonly string[],
  missing: readonly string[],
  quoted: readonly string[],
  missingQuotes: readonly string[],
) {
  const total = words.length + quoted.length;
  const isThere = total > 0 && missing.length + missingQuotes.length === 0;
  const named = [...quoted, ...words].map((word) => `"${word}"`).join(', ');
  return {
    isMet: !isThere,
    reason: isThere ? `${named} must not occur and ${total > 1 ? 'do' : 'does'}` : 'what it forbids does not occur',
  };
}

function isIn(word: string, { text, folded, terms }: Material): boolean {
  const [term = word] = termsOf(word);
  const form = FORMS[term];
  return terms.has(term) || (term.length >= 5 && folded.includes(term)) || form?.test(text) === true;
}

function lengthVerdict(criterion: string, output: string): { isMet: boolean; reason: string } | undefined {
  const most = AT_MOST.exec(criterion);
  const [, number, unit = ''] = most ?? AT_LEAST.exec(criterion) ?? [];
  if (number === undefined) return undefined;
  const count = countOf(unit.toLowerCase(), output);
  const isMet = most === null ? count >= Number(number) : count <= Number(number);
  return { isMet, reason: `the output has ${count} ${unit.toLowerCase()}` };
}

function countOf(unit: string, output: string): number {
  if (/^(?:word|wörter)/.test(unit)) return wordsOf(output).length;
  if (/^(?:character|zeichen)/.test(unit)) return Array.from(output).length;
  if (/^(?:line|zeile)/.test(unit)) return output.split('\n').length;
  return pointsOf(output).length;
}
