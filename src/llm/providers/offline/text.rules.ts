import { cutTo } from '../../../database/cut.rules.js';

/** Headings of lists that say how, not what. */
const CONDITIONS =
  /^(constraints|technical requirements|requirements|rules|notes|mistakes|success criteria|acceptance criteria|criteria|einschränkungen|anforderungen|hinweise|kriterien|erfolgskriterien)(?![\p{L}\p{N}])/iu;
const LIST_ITEM = /^(\s*)(?:[-*•–]|\(?\d{1,3}[.)]|[a-z][.)])\s+(?:\[[ x]\]\s+)?(\S.*)$/i;
const NUMBERED = /^\s*\(?\d{1,3}[.)]\s/;
const STEP_LABEL = /^\s*(?:\*\*)?(?:step|schritt|phase|teil|part)\s+\d{1,3}\s*[:.)–-]\s*(?:\*\*\s*)?(\S.*)$/i;
const HEADING = /^(?:[^.!?]{1,60}:\s*|\s*#{1,6}\s.*)$/s;
const FENCE = /^\s*(?:```|~~~)/;
const LONGEST_POINT = 1000;

export interface Point {
  readonly text: string;
  /** Numbered, or begun with a word of sequence, so that it follows the one before it. */
  readonly isSequel: boolean;
  readonly isNumbered: boolean;
}

const SEQUEL =
  /^(?:and |und )?(?:then|next|after(?:wards?| that)?|finally|lastly|second(?:ly)?|third(?:ly)?|in the end|at the end|based on|using (?:the|that|those|these)|from (?:the|that|those|these)|with (?:the|that|those|these)(?: result| output)?|dann|danach|anschließend|daraufhin|schließlich|zuletzt|abschließend|zweitens|drittens|als nächstes|zum schluss|am ende|auf (?:dieser|deren) grundlage|daraus|damit|basierend auf|mit (?:diesen|den) ergebnissen)(?![\p{L}\p{N}])/iu;

interface Draft {
  readonly parts: string[];
  readonly indent: number;
  readonly isNumbered: boolean;
}

/** The sentences and list items of a text, in order, each once; without headings, code, and lists of conditions. */
export function pointsOf(text: string): Point[] {
  const drafts = draftsOf(text);
  const points: Point[] = [];
  const seen = new Set<string>();
  for (const { parts, isNumbered } of drafts) {
    const short = shorten(parts.join(' '), LONGEST_POINT);
    if (seen.has(short)) continue;
    seen.add(short);
    points.push({ text: short, isNumbered, isSequel: points.length > 0 && (isNumbered || isSequelWord(short)) });
  }
  return points;
}

export const isSequelWord = (sentence: string): boolean => SEQUEL.test(sentence);

function draftsOf(text: string): Draft[] {
  const drafts: Draft[] = [];
  let item: Draft | undefined;
  let isCondition = false;
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) isCode = !isCode;
    if (isCode || FENCE.test(line)) continue;
    if (HEADING.test(line)) {
      isCondition = CONDITIONS.test(line.trim());
      item = undefined;
      continue;
    }
    if (line.trim() === '') continue;
    const marked = LIST_ITEM.exec(line);
    isCondition &&= marked !== null;
    if (isCondition) continue;
    const indent = line.search(/\S/);
    if (item !== undefined && indent > item.indent) {
      addTo(item, sentencesOf(marked?.[2] ?? line), marked !== null);
      continue;
    }
    const made = itemsOf(line, marked, indent);
    item = made.length === 1 && marked !== null ? made[0] : undefined;
    drafts.push(...made);
  }
  return drafts;
}

/** An item goes on in an indented line; an item within it is set apart. */
function addTo({ parts }: Draft, more: readonly string[], isItem: boolean): void {
  const last = parts.at(-1);
  if (isItem && last !== undefined && /[^.,:;!?]$/.test(last)) parts[parts.length - 1] = `${last};`;
  parts.push(...more);
}

/** What a line that begins something says: a list item, several numbered ones in a row, or sentences. */
function itemsOf(line: string, marked: RegExpExecArray | null, indent: number): Draft[] {
  const inline = enumeratedIn(line);
  if (inline.length > 1) {
    return inline
      .map(({ text, isNumbered }) => ({ parts: sentencesOf(text), indent, isNumbered }))
      .filter(saysSomething);
  }
  const label = STEP_LABEL.exec(line)?.[1];
  const item = label ?? marked?.[2];
  if (item === undefined)
    return sentencesOf(line).map((sentence) => ({ parts: [sentence], indent, isNumbered: false }));
  const isNumbered = label !== undefined || NUMBERED.test(line);
  return [{ parts: [clean(item)], indent, isNumbered }].filter(saysSomething);
}

const saysSomething = ({ parts }: Draft): boolean => parts.some((part) => /[\p{L}\p{N}]/u.test(part));

/** The parts of "Do this: 1. read 2. write": what stands before the first number, and each number's. Empty without 1 and 2. */
function enumeratedIn(line: string): { readonly text: string; readonly isNumbered: boolean }[] {
  const marks: { from: number; to: number }[] = [];
  for (const match of line.matchAll(/(?<=^|\s)\(?(\d{1,2})[.)]\s/g)) {
    if (Number(match[1]) === marks.length + 1) marks.push({ from: match.index, to: match.index + match[0].length });
  }
  // "Look at part 1. Look at part 2." counts nothing.
  const before = line.slice(0, marks[0]?.from).trimEnd();
  if (marks.length < 2 || !/(?:^|[.:;,!?])$/.test(before.slice(-1))) return [];
  const intro = line
    .slice(0, marks[0]?.from)
    .trim()
    .replace(/[^.:!?]{0,60}:$/, '');
  const items = marks.map(({ to }, index) => ({ text: line.slice(to, marks[index + 1]?.from), isNumbered: true }));
  return intro.trim() === '' ? items : [{ text: intro, isNumbered: false }, ...items];
}

/** At most `length` characters, ended with an ellipsis where something is left out; never half a character. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = cutTo(text, Math.max(0, length - 1));
  return length < 1 ? '' : `${cut.trimEnd()}…`;
}

/** The first words of a sentence, without its closing mark. */
export const titleOf = (sentence: string): string => {
  const words = shorten(sentence, 200)
    .replace(/[.!?:;,\s]+$/, '')
    .split(/\s+/);
  return shorten(words.slice(0, 9).join(' '), 80);
};

/** After these a full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(„"'])(?:z\. ?B|d\. ?h|u\. ?a|e\.g|i\.e|\p{Ll}|vs|ca|bzw|ggf|inkl|evtl|Dr|Mr|Mrs|Ms|Prof|Nr|Fig|Abb|vgl|approx)\.$/u;
const ORDINAL = /(?:^|\s)\d{1,2}\.$/;
const AFTER_ORDINAL = /^(?:\p{Ll}|Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)/u;

/** The sentences of a line, without tags and without those that have no letter or digit. */
function sentencesOf(line: string): string[] {
  const sentences: string[][] = [];
  let last = '';
  for (const part of line
    .replaceAll(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .split(/(?<=[.!?;…]["'”’»)\]]?)\s+|(?<=[。！？])/)) {
    const isOngoing = ABBREVIATION.test(last) || (ORDINAL.test(last) && AFTER_ORDINAL.test(part));
    const current = sentences.at(-1);
    if (isOngoing && current !== undefined) current.push(part);
    else sentences.push([part]);
    last = isOngoing ? `${last} ${part}`.slice(-12) : part.slice(-12);
  }
  return sentences.map((parts) => clean(parts.join(' '))).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

const clean = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
