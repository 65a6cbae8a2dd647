import type { SyntaxNodeRef } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Query {
  /** What Prometheus' own grammar cannot read, with where. */
  readonly errors: readonly string[];
  /** The series that it selects. */
  readonly series: readonly string[];
  /** Those of them whose growth it asks for, which only what never falls has. */
  readonly growing: readonly string[];
}

const OF_GROWTH = /\b(?:rate|irate|increase)\($/;

/** @param expr as Prometheus gets it: variables of Grafana are replaced */
export function parsePromql(expr: string): Query {
  const [errors, series, growing]: [string[], string[], string[]] = [[], [], []];
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
    },
  });
  return { errors, series, growing };
}

/** As Grafana does. */
export const withoutVariables = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'nyx');
