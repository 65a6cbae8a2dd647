import { cutTo } from '../../database/cut.rules.js';
import type { StrategyName } from '../workflows/workflow.values.js';

export interface EndedWork {
  readonly goal: string;
  readonly strategy: StrategyName;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  readonly warnings: readonly string[];
  readonly subtasks: number;
  /** Subtasks without a result. */
  readonly unfinished: readonly { readonly title: string; readonly reason: string | null }[];
  readonly retries: number;
  /** 0 to 1. */
  readonly quality: number;
}

export interface Lesson {
  readonly content: string;
  readonly relevance: number;
}

/** These say something about a day, not about the work. */
const OF_THE_DAY: readonly string[] = [
  'LLM_UNAVAILABLE',
  'LLM_UPSTREAM',
  'RATE_LIMITED',
  'OVERLOADED',
  'DATABASE_UNAVAILABLE',
  'EMERGENCY_STOP',
  'CANCELLED',
];

const MOST_LISTED = 5;
const MAX_GOAL = 500;
const MAX_REASON = 300;

/** A failure is worth more than one more success. */
const WORTH = { trouble: 1, success: 0.8 } as const;

/** Whether work that ended so can teach anything; asked before anything is read. What one agent simply did teaches nothing. */
export const canTeach = ({
  strategy,
  failure,
  warnings,
}: Pick<EndedWork, 'strategy' | 'failure' | 'warnings'>): boolean =>
  failure === undefined ? strategy !== 'direct_execution' || warnings.length > 0 : !OF_THE_DAY.includes(failure.code);

/** What work that ended leaves for whoever plans something like it, in a few lines. */
export function lessonOf(work: EndedWork): Lesson {
  const { failure, strategy, subtasks, unfinished, retries, warnings, quality } = work;
  const how = `${strategy}${subtasks === 0 ? '' : ` in ${counted(subtasks, 'subtask')}`}`;
  const outcome =
    failure === undefined
      ? `completed with ${how}, quality ${quality.toFixed(2)}.`
      : `failed with ${how}: ${failure.code}, ${shortened(failure.message, MAX_REASON)}`;
  const lines = [
    `Goal: ${shortened(work.goal, MAX_GOAL)}`,
    `Outcome: ${outcome}`,
    ...(retries > 0 ? [`Calls had to be tried again ${retries} times.`] : []),
    ...listed(
      'Without a result',
      unfinished.map(({ title, reason }) => `${title}${reason === null ? '' : `: ${reason}`}`),
    ),
    ...listed('Warnings', warnings),
  ];
  const isTrouble = failure !== undefined || unfinished.length > 0;
  return { content: lines.join('\n'), relevance: isTrouble ? WORTH.trouble : WORTH.success };
}

/** The same for goals that say the same in the same words. */
export const goalKey = (goal: string): string => goal.trim().toLowerCase().replaceAll(/\s+/g, ' ');

const listed = (heading: string, items: readonly string[]): string[] =>
  items.length === 0
    ? []
    : [
        `${heading}:`,
        ...items.slice(0, MOST_LISTED).map((item) => `- ${shortened(item, MAX_REASON)}`),
        ...(items.length > MOST_LISTED ? [`- and ${items.length - MOST_LISTED} more`] : []),
      ];

const shortened = (text: string, max: number): string => {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length <= max ? line : `${cutTo(line, max - 1)}…`;
};

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
