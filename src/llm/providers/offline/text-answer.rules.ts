import { materialOf, subjectOf } from './elements.rules.js';
import { OFFLINE_HEADER } from './offline-header.js';
import { asksForSummary, limitsIn, summarise } from './summary.rules.js';
import { pointsOf, shorten } from './text.rules.js';

const MOST_POINTS = 12;
const LONGEST_POINT = 300;
/** Members of a tool's result that say what it found. */
const SAID =
  /^(?:content|output|stdout|stderr|text|result|results|data|entries|files|lines|matches|error|error_message|message|value|answer)$/i;
const MOST_TEXTS = 200;

/** What rules cannot do, and the word for it. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/(?<![\p{L}\p{N}])(?:translate|translation|übersetze?n?|übersetzung)(?![\p{L}\p{N}])/iu, 'translate'],
  [
    /(?<![\p{L}\p{N}])(?:rewrite|rephrase|paraphrase|reword|proofread|umschreiben|umformulieren|formuliere)(?![\p{L}\p{N}])/iu,
    'rewrite',
  ],
  [/(?<![\p{L}\p{N}])(?:extract|extrahiere)(?![\p{L}\p{N}])/iu, 'extract what is meant'],
  [/(?<![\p{L}\p{N}])(?:classify|categori[sz]e|klassifiziere)(?![\p{L}\p{N}])/iu, 'classify'],
  [
    /(?<![\p{L}\p{N}])(?:implement|refactor|debug|write (?:\S+ ){0,4}(?:code|function|script|program|class|tests?)|programmiere|implementiere)(?![\p{L}\p{N}])/iu,
    'write code',
  ],
  [
    /(?<![\p{L}\p{N}])(?:write (?:\S+ ){0,4}(?:poem|story|song|novel)|schreibe? (?:\S+ ){0,4}(?:gedicht|geschichte))(?![\p{L}\p{N}])/iu,
    'invent',
  ],
];

/** A text that says back what was asked, and a summary or the points of the material where there is some, else of the request. */
export function textAnswer(prompt: string, system?: string, results: readonly string[] = []): string {
  const request = requestOf(subjectOf(prompt));
  const material = [...materialOf(prompt), ...results].map((text) => withoutHeader(readable(text)));
  const isSynthesis = /synthesi[sz]/i.test(system ?? '');
  const asksToSumUp = asksForSummary(request.instruction) || asksForSummary(system ?? '');
  const summary = asksToSumUp && !isSynthesis ? summaryAnswer(request, material) : undefined;
  return summary ?? extractAnswer(request, material, isSynthesis, shorten(system ?? prompt, 200));
}

interface Request {
  /** What is to be done with the rest; at one end of the request, not somewhere in a long text that it brings along. */
  readonly instruction: string;
  /** What to show of it. */
  readonly question: string | undefined;
  readonly rest: readonly string[];
}

function requestOf(subject: string): Request {
  const lead = leadOf(subject);
  if (lead !== undefined) {
    return { instruction: lead.head, question: lead.head, rest: pointsOf(lead.rest).map(({ text }) => text) };
  }
  const points = pointsOf(subject).map(({ text }) => text);
  const ends = [...points.slice(0, 2), ...points.slice(-1)];
  const asking = ends.find((text) => text.length <= LONGEST_POINT && asksForSummary(text));
  const question = asking ?? points[0];
  return { instruction: ends.join('\n'), question, rest: points.filter((text) => text !== question) };
}

/** "Sum up the following:" before what follows in other lines, or in the same one where it asks for something done to it. */
function leadOf(subject: string): { readonly head: string; readonly rest: string } | undefined {
  const at = subject.slice(0, LONGEST_POINT).search(/:\s/);
  const head = subject.slice(0, Math.max(at, 0)).trim();
  if (head === '' || head.includes('\n')) return undefined;
  const isOwnLine = /^:[^\S\n]*\n/.test(subject.slice(at, at + LONGEST_POINT));
  const isAsking = asksForSummary(head) || beyondRules(head) !== undefined;
  return isOwnLine || isAsking ? { head, rest: subject.slice(at + 1) } : undefined;
}

const beyondRules = (instruction: string): string | undefined => BEYOND.find(([words]) => words.test(instruction))?.[1];

function extractAnswer(
  { instruction, question, rest }: Request,
  material: readonly string[],
  isSynthesis: boolean,
  otherwise: string,
): string {
  const [only = '', ...others] = material;
  const isOne = others.length === 0 && !isSynthesis;
  const found = isOne ? pointsOf(only).map(({ text }) => text) : material.map(digest).filter((text) => text !== '');
  const points = (found.length > 0 ? found : rest).slice(0, MOST_POINTS);
  const beyond = beyondRules(instruction);
  const note = points.length > 0 ? ' What follows is an extract of what was given.' : '';
  return answerOf(question ?? otherwise, [
    ...(beyond === undefined ? [] : [`[Rules cannot ${beyond}.${note}]`]),
    points.map((point) => `- ${shorten(point, LONGEST_POINT)}`).join('\n'),
  ]);
}

/** Undefined where there is nothing to make shorter. */
function summaryAnswer({ instruction, question, rest }: Request, material: readonly string[]): string | undefined {
  const isAsked = question !== undefined && asksForSummary(question);
  // Where only the system asks for a summary all of the request is what it is of.
  const own = isAsked || question === undefined ? rest : [question, ...rest];
  const summary = summarise(material.length > 0 ? material : [own.join('\n')], limitsIn(instruction));
  if (summary.sentences.length === 0) return undefined;
  return answerOf(question ?? 'A summary.', [
    `[An extract: ${summary.sentences.length} of ${summary.of} sentences, word for word]`,
    summary.sentences.join(' '),
  ]);
}

const answerOf = (question: string, parts: readonly string[]): string =>
  [OFFLINE_HEADER, `Asked: ${shorten(question, LONGEST_POINT)}`, ...parts.filter((part) => part !== '')].join('\n\n');

/** A piece of material in a line: its first line as the title, and its first points, unless it is an offline answer that has none. */
function digest(text: string): string {
  const [title = '', ...rest] = pointsOf(text).map((point) => point.text);
  const points = rest.slice(0, 2);
  return points.length === 0 ? title : `${title.replace(/[.:]$/, '')}: ${points.join(' ')}`;
}

/** An offline answer without what only says how it was made. */
const withoutHeader = (text: string): string =>
  text.replaceAll(OFFLINE_HEADER, '').replaceAll(/^(?:Asked: .*|\[(?:An extract: |Rules cannot ).*\])$/gm, '');

/** The result of a tool, which is JSON, as the texts it found. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    const texts: string[] = [];
    collect(JSON.parse(text), false, texts);
    return texts.length > 0 ? texts.join('\n') : text;
  } catch {
    return text;
  }
}

function collect(value: unknown, isSaid: boolean, texts: string[]): void {
  if (texts.length >= MOST_TEXTS) return;
  if (typeof value === 'string' && isSaid) texts.push(value);
  else if (Array.isArray(value)) value.forEach((each) => collect(each, isSaid || typeof each === 'string', texts));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value))
      collect(inner, SAID.test(name) || (isSaid && (name === 'name' || name === 'path')), texts);
  }
}
