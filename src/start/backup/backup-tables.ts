import type pg from 'pg';
import { SCHEMAS, type TableHead } from './backup-format.rules.js';

/** Every table after those that it refers to. */
export async function tablesInOrder(client: pg.Client): Promise<TableHead[]> {
  const { rows } = await client.query<TableHead & { refers_to: string[] }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table,
            ARRAY(SELECT format('%I', a.attname) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
            ARRAY(SELECT DISTINCT format('%I.%I', fn.nspname, f.relname) FROM pg_constraint r
                    JOIN pg_class f ON f.oid = r.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
                   WHERE r.conrelid = c.oid AND r.contype = 'f' AND r.confrelid <> c.oid) AS refers_to
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY($1) AND c.relkind = 'r' ORDER BY 1`,
    [SCHEMAS],
  );
  const placed = new Set<string>();
  const ordered: TableHead[] = [];
  while (ordered.length < rows.length) {
    const next = rows.filter(
      ({ table, refers_to }) => !placed.has(table) && refers_to.every((name) => placed.has(name)),
    );
    if (next.length === 0) throw new Error('Tables refer to each other in a circle.');
    for (const { table, columns } of next) ordered.push({ table, columns });
    for (const { table } of next) placed.add(table);
  }
  return ordered;
}

/** Quoted, with their schemas. */
export async function sequencesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences WHERE schemaname = ANY($1) ORDER BY 1`,
    [SCHEMAS],
  );
  return rows.map(({ name }) => name);
}
