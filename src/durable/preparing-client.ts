import type pg from 'pg';
import { PipelinedClient } from '../database/pipelined-client.js';

/** So many texts are prepared at most: those that are asked again and again are among the first. */
const MOST = 200;

/**
 * Rows that are looked up by their key, and those that are inserted: one plan is as good as another for them, where a queue is searched by
 * values that decide which index serves.
 */
const FITS = /^\s*INSERT INTO|\bworkflow_uuid ?= ?\$1\b/i;
/** What these answer changes with a migration beside this process. */
const ALL_COLUMNS = /\b(?:SELECT|RETURNING)\s+(?:\w+\.)?\*|,\s*(?:\w+\.)?\*/i;

const names = new Map<string, string | undefined>();

function nameOf(text: string): string | undefined {
  if (!names.has(text) && names.size < MOST)
    names.set(text, FITS.test(text) && !ALL_COLUMNS.test(text) ? `dbos_${names.size}` : undefined);
  return names.get(text);
}

/** For the statements of DBOS, which it does not prepare: to be parsed and planned anew costs each of them more than to be executed. */
export class PreparingClient extends PipelinedClient {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => {
      const [text, values, ...rest] = args;
      const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
      return name === undefined ? send(...args) : send({ name, text, values }, ...rest);
    }) as pg.Client['query'];
  }
}
