import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { percentilesOf, type Percentiles } from './latency.rules.js';
import { daysBack, type Period } from './period.rules.js';
import { totalOf, usageOf, type Usage } from './usage.rules.js';
import { SUMMARY, type SummedRow } from './usage.sql.js';

type SummaryRow = { readonly [Sum in keyof SummedRow]: string | null } & {
  readonly kind: 'total' | 'day' | 'latency';
  readonly key: string | null;
  readonly buckets: Readonly<Record<string, number>> | null;
};

export interface UsageTotals {
  readonly today: Usage;
  /** Today and the six days before. */
  readonly lastSevenDays: Usage;
  readonly total: Usage;
  /** Of all answers there were, in ms. */
  readonly latencyMs: Percentiles;
}

/** What all model calls come to, in one statement and exact at any moment. Days are of UTC. */
@Injectable()
export class UsageSummary {
  constructor(private readonly database: Database) {}

  async read(nowMs: number): Promise<UsageTotals> {
    const week: Period = daysBack(7, nowMs);
    const rows = await this.database.query<SummaryRow>(SUMMARY, [week.from, week.to]);
    const ofDays = rows.filter(({ kind }) => kind === 'day');
    const buckets = rows.find(({ kind }) => kind === 'latency')?.buckets ?? {};
    return {
      today: sumOf(ofDays.filter(({ key }) => key === week.to)),
      lastSevenDays: sumOf(ofDays),
      total: sumOf(rows.filter(({ kind }) => kind === 'total')),
      latencyMs: percentilesOf(new Map(Object.entries(buckets).map(([bucket, answers]) => [Number(bucket), answers]))),
    };
  }
}

/** The row of all times has no sums before the first call. */
const sumOf = (rows: readonly SummaryRow[]): Usage =>
  totalOf(rows.filter(({ requests }) => requests !== null).map((row) => usageOf(row as SummedRow)));
