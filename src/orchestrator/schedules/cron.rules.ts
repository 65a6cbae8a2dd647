import { cutTo } from '../../database/cut.rules.js';

/** A cron expression, read. Each list is ascending and without repetitions. */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Where both the day of the month and of the week are restricted, a day has to be one of either: as cron has always read it. */
  readonly isEitherDay: boolean;
}

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words that stand for numbers, the first for `min`. */
  readonly words: readonly string[];
}

const SECOND: Field = { name: 'second', min: 0, max: 59, words: [] };
const MINUTE: Field = { name: 'minute', min: 0, max: 59, words: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, words: [] };
const DAY: Field = { name: 'day of the month', min: 1, max: 31, words: [] };
const MONTH: Field = {
  name: 'month',
  min: 1,
  max: 12,
  words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
/** 7 is Sunday too. */
const WEEKDAY: Field = {
  name: 'day of the week',
  min: 0,
  max: 7,
  words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

const MAX_LENGTH = 200;
const DAY_MS = 86_400_000;
/** A 29th of February that has to be a certain day of the week may be so far away. */
const MAX_YEARS = 40;

/**
 * Reads 5 fields (minute, hour, day of the month, month, day of the week) or 6 (a second before them), each `*`, `n`, `a-b`,
 * with a step (`/n`), or a list of those; months and days of the week may be named by their first three letters.
 * @throws Error whose message says what is wrong
 */
export function readCron(text: string): Cron {
  if (text.length > MAX_LENGTH) throw new Error(`must have at most ${MAX_LENGTH} characters`);
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) throw new Error('must have 5 fields, or 6 with seconds first');
  const [second = '', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const cron: Cron = {
    seconds: numbersOf(second, SECOND),
    minutes: numbersOf(minute, MINUTE),
    hours: numbersOf(hour, HOUR),
    daysOfMonth: new Set(numbersOf(day, DAY)),
    months: new Set(numbersOf(month, MONTH)),
    daysOfWeek: new Set(numbersOf(weekday, WEEKDAY).map((number) => number % 7)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  };
  if (nextLocalTime(cron, 0) === undefined) throw new Error('names a day that no month has');
  return cron;
}

/**
 * The first matching time of a calendar after `localMs`; both are the wall clock written as if it were UTC, in milliseconds.
 * Undefined when there is none within forty years.
 */
export function nextLocalTime(cron: Cron, localMs: number): number | undefined {
  const from = Math.floor(localMs / 1000) * 1000 + 1000;
  const firstDay = Math.floor(from / DAY_MS) * DAY_MS;
  const lastDay = firstDay + MAX_YEARS * 366 * DAY_MS;
  for (let dayMs = firstDay; dayMs <= lastDay; dayMs = dayAfter(cron, dayMs)) {
    if (!isDay(cron, new Date(dayMs))) continue;
    const time = firstTimeOfDay(cron, dayMs === firstDay ? (from - dayMs) / 1000 : 0);
    if (time !== undefined) return dayMs + time * 1000;
  }
  return undefined;
}

/** The next day; in a month that does not match, the first of the next month. */
function dayAfter({ months }: Cron, dayMs: number): number {
  const day = new Date(dayMs);
  const month = day.getUTCMonth();
  return months.has(month + 1) ? dayMs + DAY_MS : Date.UTC(day.getUTCFullYear(), month + 1);
}

function isDay({ daysOfMonth, months, daysOfWeek, isEitherDay }: Cron, day: Date): boolean {
  if (!months.has(day.getUTCMonth() + 1)) return false;
  const isOfMonth = daysOfMonth.has(day.getUTCDate());
  const isOfWeek = daysOfWeek.has(day.getUTCDay());
  return isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}

/** The first matching second of the day that is not before `fromSecond`. */
function firstTimeOfDay({ hours, minutes, seconds }: Cron, fromSecond: number): number | undefined {
  const firstOf = (numbers: readonly number[], least: number): number | undefined =>
    numbers.find((number) => number >= least);
  for (const hour of hours) {
    if ((hour + 1) * 3600 <= fromSecond) continue;
    for (const minute of minutes) {
      const start = hour * 3600 + minute * 60;
      const second = firstOf(seconds, fromSecond - start);
      if (second !== undefined) return start + second;
    }
  }
  return undefined;
}

function numbersOf(text: string, field: Field): number[] {
  const numbers = new Set(text.split(',').flatMap((part) => rangeOf(part, field)));
  return [...numbers].sort((one, other) => one - other);
}

function rangeOf(part: string, field: Field): number[] {
  const [, whole = '', step] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
  const [from = '', to, ...rest] = whole.split('-');
  const every = step === undefined ? 1 : Number(step);
  if (whole === '' || rest.length > 0 || every < 1) throw wrong(part, field);
  if (from === '*' && to !== undefined) throw wrong(part, field);
  const first = from === '*' ? field.min : numberOf(from, part, field);
  const isOpen = from === '*' || (to === undefined && step !== undefined);
  const last = isOpen ? lastOf(field) : to === undefined ? first : numberOf(to, part, field);
  if (last < first) throw wrong(part, field);
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) => first + index * every);
}

/** Of the days of the week the last is Saturday: the 7 would repeat the 0. */
const lastOf = (field: Field): number => (field === WEEKDAY ? 6 : field.max);

function numberOf(text: string, part: string, field: Field): number {
  const word = field.words.indexOf(text.toLowerCase());
  const number = word >= 0 ? word + field.min : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= field.min && number <= field.max)) throw wrong(part, field);
  return number;
}

const wrong = (part: string, { name, min, max }: Field): Error =>
  new Error(`has ${JSON.stringify(cutTo(part, 40))} as ${name}, where ${min} to ${max} may stand`);
