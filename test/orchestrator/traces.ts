import type { Database } from '../../src/database/database.service.js';

/** How many rows of both schemas have the text in them, by table. */
export async function traces(database: Database, text: string): Promise<Record<string, number>> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'durable') ORDER BY 1`,
  );
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${name} AS t WHERE position($1 IN t::text) > 0`,
      [text],
    );
    if (row && row.rows > 0) found[name] = row.rows;
  }
  return found;
}
