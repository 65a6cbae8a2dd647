/** Answers of a search, unless asked for otherwise, and the relevance from which on a memory is one. */
export const USUAL_RESULTS = 10;
export const LEAST_RELEVANCE = 0.5;

/** Days after which a memory counts half as much. What nobody ever used fades first. */
export const HALF_LIFE_DAYS = { used: 30, unused: 15 } as const;

/** What satisfies a query is a match, however long the text around it; the rank of the text orders such matches. */
const MATCH_FLOOR = 0.7;
const DAY_MS = 86_400_000;

export interface Remembered {
  /** How much it was worth when it was written, 0 to 1. */
  readonly relevance: number;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What a memory is worth now, whatever is asked, 0 to 1: halved with every half-life since it was last used, or written. */
export function strengthOf({ relevance, createdAt, lastUsedAt }: Remembered, now: Date): number {
  const idleDays = Math.max(0, now.getTime() - (lastUsedAt ?? createdAt).getTime()) / DAY_MS;
  return relevance * 2 ** -(idleDays / (lastUsedAt === null ? HALF_LIFE_DAYS.unused : HALF_LIFE_DAYS.used));
}

/** `strengthOf` in SQL, of a row under the alias m. */
export const STRENGTH_SQL = `m.relevance * power(2, -(greatest(0, extract(epoch FROM now() - coalesce(m.last_used_at, m.created_at)))
  / (CASE WHEN m.last_used_at IS NULL THEN ${HALF_LIFE_DAYS.unused} ELSE ${HALF_LIFE_DAYS.used} END * 86400.0))::double precision)`;

/**
 * How relevant a memory is, 0 to 1.
 * @param text how well its text fits what is asked, 0 to 1
 */
export const relevanceOf = (text: number, memory: Remembered, now: Date): number =>
  Math.min(1, Math.max(0, text)) * strengthOf(memory, now);

/**
 * How well a text fits a query that it satisfies, 0.7 to 1.
 * @param rank PostgreSQL's, from 0 up; above 1 counts as 1
 */
export const matchOfRank = (rank: number): number => MATCH_FLOOR + (1 - MATCH_FLOOR) * Math.min(1, Math.max(0, rank));

/**
 * How much of what is asked stands in each text, 0 to 1: the share of the words of the question that it has. Words that many texts
 * have, such as write or report, weigh little; those that none has weigh most.
 * @param words of the question
 * @param found those of them that each text has
 */
export function sharesOf(words: readonly string[], found: readonly (readonly string[])[]): number[] {
  const frequency = new Map<string, number>();
  for (const text of found) for (const word of new Set(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const weight = (word: string): number => Math.log(1 + (found.length + 1) / ((frequency.get(word) ?? 0) + 0.5));
  const asked = new Set(words);
  const whole = [...asked].reduce((sum, word) => sum + weight(word), 0);
  return found.map((text) => {
    const has = [...new Set(text)].filter((word) => asked.has(word));
    return whole === 0 ? 0 : has.reduce((sum, word) => sum + weight(word), 0) / whole;
  });
}
