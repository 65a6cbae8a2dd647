import { criteriaIn, judgeAll, type Judged } from './criteria.rules.js';
import { elementsOf, subjectOf, withoutElements } from './elements.rules.js';
import { named, type Facts } from './facts.rules.js';
import { BY_RULES, OFFLINE_HEADER } from './offline-header.js';
import { criteriaNamedBy } from './schema-criteria.rules.js';
import { memberTypes, type Schema } from './schema.rules.js';
import { pointsOf, shorten } from './text.rules.js';
import { termsOf, wordsOf } from './words.rules.js';

interface Finding {
  readonly rule:
    'no_output' | 'empty_output' | 'short_output' | 'failed_output' | 'criterion' | 'missing_part' | 'only_repeats';
  readonly text: string;
  readonly isBlocking: boolean;
  readonly criterion?: string;
}

export interface Verdict {
  /** No finding blocks. */
  readonly passed: boolean;
  /** Share of the criteria that are met, 0..1; less where the output is no result at all. */
  readonly score: number;
  readonly findings: readonly Finding[];
  readonly criteria: readonly Judged[];
}

/** What is judged, the most certain kind first. */
const JUDGED = [
  ['output', 'answer', 'response', 'draft', 'candidate', 'solution'],
  ['result', 'tool_result'],
  ['document', 'material'],
];
const PASSED =
  'passed pass approved accepted acceptable valid ok success successful satisfied satisfactory complete consistent sufficient meets_criteria meets_requirements criteria_met all_met fulfilled met';
const FAILED =
  'failed rejected blocked blocking invalid has_errors has_issues has_findings needs_revision needs_refinement needs_improvement needs_changes requires_revision should_refine should_retry retry';
const SCORES = 'score quality quality_score overall_score rating grade completeness completeness_score share';
const FINDINGS =
  'findings issues problems errors defects violations gaps missing weaknesses improvements suggestions feedback';
const CRITERIA = 'criteria criteria_results success_criteria criterion_results checks evaluations requirements results';
const REASONS = 'summary reason reasoning rationale explanation feedback comment message justification';
const SHORT_WORDS = 3;
const WORDS_OF_A_NOTE = 40;
const MOST_FINDINGS = 20;

const GIVES_UP =
  /^(?:i(?:['’]m| am) (?:sorry|unable|not able)|sorry|i (?:cannot|can['’]?t|can not|could not|couldn['’]t|won['’]t|am unable)|unable to|as an ai|could not|cannot|leider|ich (?:kann|konnte) (?:\p{L}+ ){0,4}nicht|nicht möglich|error(?:\s*[:!]|$)|fehler(?:\s*[:!]|$)|traceback|exception|failed(?:\s*[:!]|$| to))/iu;
const SPEAKS_OF_FAILURE =
  /(?<![\p{L}\p{N}])(?:errors?|failed|failure|missing|cannot|unable|exception|fehler|fehlgeschlagen|fehlt|fehlen|gescheitert|no result)(?![\p{L}\p{N}])/iu;
const PART_IS_MISSING =
  /(?<![\p{L}\p{N}])(?:(?:is|are|was|were) missing|has no result|could not be (?:done|found|completed|determined)|fehlt|fehlen|konnte nicht)(?![\p{L}\p{N}])/iu;

/** Whether the schema asks for a verdict: passed or not, beside a score, findings or criteria, or where the prompt brings an output along. */
export function asksForVerdict(schema: Schema, prompt: string): boolean {
  const types = memberTypes(schema);
  const has = (names: string, ...kinds: string[]): boolean =>
    names.split(' ').some((name) => [name, `is_${name}`].some((each) => kinds.includes(String(types.get(each)))));
  const hasDetails = has(SCORES, 'number', 'integer') || has(FINDINGS, 'array') || has(CRITERIA, 'array');
  const saysYes = has(`${PASSED} ${FAILED}`, 'boolean') || types.get('verdict') === 'enum';
  if (saysYes) return hasDetails || JUDGED.some((names) => elementsOf(names, prompt).length > 0);
  return has(SCORES, 'number', 'integer') && has(FINDINGS, 'array');
}

/** Judges the output that the prompt brings along against what the prompt asks of it, or against the criteria that the schema names. */
export function verdictOn(prompt: string, schema: Schema = {}): Verdict {
  const names = JUDGED.find((each) => elementsOf(each, prompt).length > 0) ?? [];
  const parts = elementsOf(names, prompt).map(({ content }) => withoutHeader(content));
  const asked = criteriaIn(prompt, JUDGED.flat());
  const named = criteriaNamedBy(schema, asked);
  const criteria = named.length > 0 ? named : asked;
  const output = parts.join('\n\n');
  const judged = judgeAll(criteria, output);
  const basic =
    parts.length === 0 ? [nothingToJudge] : [...basicFindings(prompt, parts, judged), ...repeats(names, prompt)];
  const unmets = judged.filter(({ isMet, isListed }) => !isMet && (isListed || parts.length > 0)).map(unmet);
  const findings = [...basic, ...unmets];
  const listed = findings.filter(({ isBlocking }) => isBlocking).concat(findings.filter((each) => !each.isBlocking));
  return {
    passed: !findings.some(({ isBlocking }) => isBlocking),
    score: scoreOf(judged, basic, wordsOf(output).length > 0),
    findings: listed.slice(0, MOST_FINDINGS),
    criteria: judged,
  };
}

const withoutHeader = (text: string): string =>
  text
    .replaceAll(OFFLINE_HEADER, '')
    .replaceAll(/^Asked: /gm, '')
    .trim();

/** An offline answer that brought nothing along but the question. */
function repeats(names: readonly string[], prompt: string): Finding[] {
  const isOnlyQuestion = elementsOf(names, prompt).every(
    ({ content }) =>
      content.includes(OFFLINE_HEADER) &&
      content
        .replaceAll(OFFLINE_HEADER, '')
        .replaceAll(/^Asked: .*$/gm, '')
        .trim() === '',
  );
  return isOnlyQuestion
    ? [{ rule: 'only_repeats', isBlocking: false, text: 'The output only says back what was asked.' }]
    : [];
}

const nothingToJudge: Finding = { rule: 'no_output', isBlocking: true, text: 'The prompt brings no output to judge.' };

const unmet = ({ text, reason, isListed }: Judged): Finding => ({
  rule: 'criterion',
  isBlocking: isListed,
  criterion: text,
  text: `Not met: ${shorten(text, 200)} (${reason}).`,
});

function basicFindings(prompt: string, parts: readonly string[], criteria: readonly Judged[]): Finding[] {
  const output = parts.join('\n\n');
  const count = wordsOf(shorten(output, 10_000)).length;
  if (count === 0) return [{ rule: 'empty_output', isBlocking: true, text: 'The output is empty.' }];
  const findings: Finding[] = [];
  const asksForMore = criteria.some(({ isListed }) => isListed) || wordsOf(taskOf(prompt)).length > 8;
  if (count < SHORT_WORDS) {
    const text = `The output is very short: ${count} ${count === 1 ? 'word' : 'words'}.`;
    findings.push({ rule: 'short_output', isBlocking: asksForMore, text });
  }
  parts.forEach((part, index) => {
    if (wordsOf(shorten(part, 1000)).length > 0 || parts.length === 1) return;
    findings.push({ rule: 'empty_output', isBlocking: false, text: `Part ${index + 1} of the output is empty.` });
  });
  return [...findings, ...failureFindings(prompt, output, count)];
}

function failureFindings(prompt: string, output: string, count: number): Finding[] {
  const sentences = pointsOf(output).map(({ text }) => text);
  const [first = output] = sentences;
  const givesUp = GIVES_UP.test(first)
    ? first
    : count <= WORDS_OF_A_NOTE
      ? sentences.find((each) => GIVES_UP.test(each))
      : undefined;
  if (givesUp !== undefined) {
    return [
      { rule: 'failed_output', isBlocking: true, text: `The output says that it failed: "${shorten(givesUp, 120)}"` },
    ];
  }
  const word = SPEAKS_OF_FAILURE.exec(output)?.[0];
  const isAsked = word !== undefined && termsOf(taskOf(prompt)).includes(termsOf(word)[0] ?? '');
  if (word !== undefined && count <= WORDS_OF_A_NOTE && !isAsked) {
    return [{ rule: 'failed_output', isBlocking: true, text: `The output says "${word}": ${shorten(first, 120)}` }];
  }
  const missing = sentences.find((each) => PART_IS_MISSING.test(each));
  if (missing === undefined || isAsked) return [];
  return [
    { rule: 'missing_part', isBlocking: false, text: `The output names something missing: "${shorten(missing, 120)}"` },
  ];
}

const taskOf = (prompt: string): string =>
  withoutElements(JUDGED.flat(), subjectOf(withoutElements(JUDGED.flat(), prompt)));

function scoreOf(criteria: readonly Judged[], basic: readonly Finding[], isThere: boolean): number {
  if (!isThere) return 0;
  const met = criteria.filter(({ isMet }) => isMet).length;
  const isListed = criteria.some((each) => each.isListed);
  // Sentences of a task are weak criteria, so that there is an output at all counts beside them.
  const share = isListed ? met / criteria.length : (met + 1) / (criteria.length + 1);
  const caps = basic.map(({ rule, isBlocking }) =>
    isBlocking && rule === 'failed_output' ? 0.2 : isBlocking || rule === 'only_repeats' ? 0.5 : 1,
  );
  return Math.round(Math.min(share, ...caps) * 100) / 100;
}

/** The verdict as what is known about the places of an answer. */
export function verdictFacts({ passed, score, findings, criteria }: Verdict): Facts {
  const met = criteria.filter(({ isMet }) => isMet).length;
  const blocking = findings.filter(({ isBlocking }) => isBlocking).length;
  const reason = `${BY_RULES} ${met} of ${criteria.length} criteria met; findings: ${findings.length}, blocking: ${blocking}.`;
  return new Map([
    ...named(REASONS, reason),
    ...named(CRITERIA, criteria.map(criterionFacts)),
    ...named(FINDINGS, findings.map(findingFacts)),
    ...named('strengths', criteria.filter(({ isMet }) => isMet).map(criterionFacts)),
    ...named(SCORES, score),
    ...named('confidence', 0.5),
    ...named(PASSED, passed),
    ...named(FAILED, !passed),
    ...named('verdict status outcome decision result recommendation', passed ? 'pass' : 'fail'),
  ]);
}

const findingFacts = ({ rule, text, isBlocking, criterion }: Finding): Facts =>
  new Map([
    ...named('rule code type kind category id', rule),
    ...named('criterion requirement', criterion ?? null),
    ...named('severity level importance', isBlocking ? 'error' : 'warning'),
    ...named('blocking critical', isBlocking),
    ...named('suggestion fix remedy recommendation', `${BY_RULES} mend what this says. ${text}`),
    ...named('message text description detail details finding issue problem reason explanation', text),
    ['', text],
  ]);

const criterionFacts = ({ text, name = text, isMet, reason }: Judged): Facts =>
  new Map([
    ...named('met passed satisfied fulfilled ok success', isMet),
    ...named('status verdict outcome result', isMet ? 'met' : 'unmet'),
    ...named('score share', isMet ? 1 : 0),
    ...named('evidence reason explanation comment note finding message rationale', `${BY_RULES} ${reason}.`),
    ...named('text title description requirement', text),
    ...named('criterion name id key', name),
    ['', text],
  ]);
