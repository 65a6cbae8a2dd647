import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Query {
  /** What Prometheus' own grammar cannot read, with where. */
  readonly errors: readonly string[];
  /** The series that it selects. */
  readonly series: readonly string[];
  /** Those of them whose growth it asks for, which only what never falls has. */
  readonly growing: readonly string[];
  /** The values that it wants a label of a series to have, each of an alternative by itself. */
  readonly wanted: readonly Wanted[];
}

export interface Wanted {
  readonly series: string;
  readonly label: string;
  readonly value: string;
}

const WANTED = /(\w+)=~?"([^"]*)"/g;
const OF_GROWTH = /\b(?:rate|irate|increase)\($/;

/** @param expr as Prometheus gets it: variables of Grafana are replaced */
export function parsePromql(expr: string): Query {
  const [errors, series, growing, wanted]: [string[], string[], string[], Wanted[]] = [[], [], [], []];
  parser.parse(expr).iterate({
    enter: ({ type, from, to, node }: SyntaxNodeRef) => {
      if (type.isError) errors.push(`at ${from}: ${expr.slice(from)}`);
      if (type.name !== 'VectorSelector') return;
      const { firstChild } = node;
      const name = firstChild?.name === 'Identifier' ? expr.slice(firstChild.from, firstChild.to) : '';
      // Of any metric: it may be one of none.
      if (name === '') errors.push(`no metric: ${expr.slice(from, to)}`);
      series.push(name);
      if (OF_GROWTH.test(expr.slice(0, from))) growing.push(name);
      for (const [, label = '', values = ''] of expr.slice(from, to).matchAll(WANTED))
        wanted.push(...values.split('|').map((value) => ({ series: name, label, value })));
    },
  });
  return { errors, series, growing, wanted };
}

/** As Grafana does. */
export const withoutVariables = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'nyx');
