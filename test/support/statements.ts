import type { Database } from '../../src/database/database.service.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Hears what is asked outside of transactions, as it is asked.
 * @returns to be called in the end
 */
export function hearStatements(database: Database, hear: (statement: Statement) => void): () => void {
  const ask = database.query.bind(database);
  database.query = (text, values = []) => {
    hear({ text, values });
    return ask(text, values);
  };
  return () => {
    database.query = ask;
  };
}
