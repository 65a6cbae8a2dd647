import type pg from 'pg';
import { codeOf } from '../config/error-code.js';
import { PipelinedClient } from '../database/pipelined-client.js';

/** So many texts are prepared at most. */
const MOST = 200;

/**
 * Rows that are looked up by their key, and those that are inserted: one plan is as good as another for them, where a queue is searched by
 * values that decide which index serves.
 */
const FITS = /^\s*INSERT INTO|\bworkflow_uuid ?= ?\$1\b/i;
/** What these answer changes with a migration beside this process. */
const ALL_COLUMNS = /\b(?:SELECT|RETURNING)\s+(?:\w+\.)?\*|,\s*(?:\w+\.)?\*/i;
/** "cached plan must not change result type", and a statement that is not known. */
const STALE = new Set(['0A000', '26000']);

const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST || !FITS.test(text) || ALL_COLUMNS.test(text)) return known;
  const name = `dbos_${names.size}`;
  names.set(text, name);
  return name;
}

/**
 * For the statements of DBOS, which it does not prepare: to be parsed and planned anew costs each of them more than to be executed. Where one
 * is not what it was any more, the connection is given up, and DBOS, which takes it for lost, asks again on another.
 */
export class PreparingClient extends PipelinedClient {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => {
      const [text, values, tell] = args;
      const name = typeof text === 'string' && Array.isArray(values) ? nameOf(text) : undefined;
      if (name === undefined) return send(...args);
      if (typeof tell === 'function') {
        const answer = tell as (error: unknown, result: unknown) => void;
        return send({ name, text, values }, (error: unknown, result: unknown) => answer(this.look(error), result));
      }
      return (send({ name, text, values }) as Promise<unknown>).catch((error: unknown) => {
        throw this.look(error);
      });
    }) as pg.Client['query'];
  }

  private look(error: unknown): unknown {
    if (!(error instanceof Error) || !STALE.has(codeOf(error) ?? '')) return error;
    this.giveUp(error);
    return Object.assign(error, { code: 'ECONNRESET' });
  }
}
