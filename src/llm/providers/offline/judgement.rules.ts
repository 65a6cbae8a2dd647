import { subjectOf } from './elements.rules.js';
import type { Facts } from './facts.rules.js';
import { stepsOf } from './plan-steps.rules.js';
import { asSchema, snakeCase, type Schema } from './schema.rules.js';
import { termsOf, wordsOf } from './words.rules.js';

type Level = 'low' | 'medium' | 'high';

interface Judgement {
  readonly level: Level;
  readonly reason: string;
}

const DIMENSIONS = ['cognitive', 'technical', 'coordination', 'data', 'time_sensitivity', 'quality', 'scope', 'risk'];
/** So many of them are no accident. */
const ENOUGH_DIMENSIONS = 4;

const terms = (words: string): ReadonlySet<string> => new Set(termsOf(words));

const THINKING = terms(
  'analyse analyze compare evaluate prove derive design strategy research optimise optimize analysiere vergleiche bewerte entwirf',
);
const TECHNICAL = terms(
  `code api database server algorithm protocol architecture software deploy migration encryption network framework compiler kubernetes sql
backend frontend integration datenbank programm schnittstelle architektur`,
);
const DATA = terms(
  'data dataset csv table record log spreadsheet statistic measurement survey export daten tabelle messung statistik',
);
const PRESSING = terms('urgent urgently asap immediately deadline today tonight dringend sofort frist heute');
const EXACTING = terms(
  'exact exactly accurate precise flawless verify verified compliance audit certified genau fehlerfrei korrekt',
);
const RISKY = terms(
  'legal medical security payment production delete safety privacy financial irreversible contract lawsuit rechtlich medizinisch sicherheit vertrag',
);

/** Whether the schema asks how complex something is: a judgement of its own for most of the dimensions. */
export function asksForJudgement(schema: Schema): boolean {
  const members = Object.entries(asSchema(schema['properties']));
  const judged = members.filter(
    ([name, member]) => DIMENSIONS.includes(snakeCase(name)) && 'level' in asSchema(asSchema(member)['properties']),
  );
  return judged.length >= ENOUGH_DIMENSIONS;
}

/** Judges the task by what can be counted in it: its words, its steps, and words that speak of a dimension. */
export function judgementFacts(prompt: string): Facts {
  const subject = subjectOf(prompt);
  const steps = stepsOf(prompt).length;
  const words = wordsOf(subject).length;
  const found = new Set(termsOf(subject));
  const speaking = (of: ReadonlySet<string>): number => [...of].filter((term) => found.has(term)).length;
  const byWords = (of: ReadonlySet<string>, what: string): Judgement => {
    const count = speaking(of);
    return { level: levelOf(count, 1, 3), reason: `By rules: ${count} of its words speak of ${what}.` };
  };
  const thinking = speaking(THINKING) + (words > 60 ? 1 : 0) + (words > 300 ? 2 : 0);
  const parts: Judgement = { level: levelOf(steps, 3, 6), reason: `By rules: it names ${steps} steps.` };
  const judgements: Readonly<Record<string, Judgement>> = {
    cognitive: {
      level: levelOf(thinking, 1, 3),
      reason: `By rules: it has ${words} words, some of them about thinking.`,
    },
    technical: byWords(TECHNICAL, 'technology'),
    coordination: parts,
    data: byWords(DATA, 'data'),
    time_sensitivity: byWords(PRESSING, 'time'),
    quality: byWords(EXACTING, 'exactness'),
    scope: parts,
    risk: byWords(RISKY, 'risk'),
  };
  return new Map(
    Object.entries(judgements).map(([dimension, { level, reason }]) => [
      dimension,
      [
        new Map([
          ['level', level],
          ['reason', reason],
        ]),
      ],
    ]),
  );
}

const levelOf = (count: number, medium: number, high: number): Level =>
  count >= high ? 'high' : count >= medium ? 'medium' : 'low';
