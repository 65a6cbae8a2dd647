import type pg from 'pg';
import { StartError } from '../../config/start-error.js';
import { createDataSource } from '../../database/data-source.js';
import { entities, keylessTables } from '../../entities.js';
import { SCHEMAS, type TableHead } from './backup-format.rules.js';

/** Names of tables of `public`; `all`: nobody knows which of them are NYX's. */
export type OwnTables = readonly string[] | 'all';

/** The tables of `public` that this release has; all of `durable` are of the durable engine. */
export async function ownTables(url: string): Promise<string[]> {
  const dataSource = createDataSource({ url, poolSize: 1, entities, applicationName: 'nyx-backup' });
  await dataSource.initialize();
  try {
    // With those that only join two others.
    return ['migrations', ...dataSource.entityMetadatas.map(({ tableName }) => tableName), ...keylessTables];
  } finally {
    await dataSource.destroy();
  }
}

const FROM_RELATIONS = 'FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace';
const NAME = `format('%I.%I', n.nspname, c.relname)`;
const parametersOf = (own: OwnTables): unknown[] => [SCHEMAS, own === 'all' ? null : own];

/** Whether a table is taken, for `parametersOf`. */
const isTaken = (schema: string, table: string): string =>
  `${schema}.nspname = ANY($1) AND ($2::text[] IS NULL OR ${schema}.nspname <> 'public' OR ${table}.relname = ANY($2))`;

/** Every table after those that it refers to. */
export async function tablesInOrder(client: pg.Client, own: OwnTables): Promise<TableHead[]> {
  const { rows } = await client.query<TableHead & { refers_to: string[] }>(
    `SELECT ${NAME} AS table,
            ARRAY(SELECT format('%I', a.attname) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
            ARRAY(SELECT DISTINCT format('%I.%I', fn.nspname, f.relname) FROM pg_constraint r
                    JOIN pg_class f ON f.oid = r.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
                   WHERE r.conrelid = c.oid AND r.contype = 'f' AND r.confrelid <> c.oid) AS refers_to
       ${FROM_RELATIONS} WHERE c.relkind = 'r' AND ${isTaken('n', 'c')} ORDER BY 1`,
    parametersOf(own),
  );
  const left = new Map(rows.map((row) => [row.table, row]));
  const ordered: TableHead[] = [];
  while (left.size > 0) {
    const next = [...left.values()].filter(({ refers_to }) => !refers_to.some((name) => left.has(name)));
    if (next.length === 0)
      throw new StartError(`Tables refer to each other in a circle: ${[...left.keys()].join(', ')}.`);
    for (const { table, columns } of next) ordered.push({ table, columns });
    for (const { table } of next) left.delete(table);
  }
  return ordered;
}

/** Those that number rows of these tables, quoted, with their schemas. */
export async function sequencesOf(client: pg.Client, own: OwnTables): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT ${NAME} AS name ${FROM_RELATIONS}
      WHERE c.relkind = 'S' AND n.nspname = ANY($1) AND ($2::text[] IS NULL OR EXISTS (
        SELECT FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE ${isTaken('tn', 't')} AND t.oid IN (
          -- A column has it, or only asks it for its default.
          SELECT d.refobjid FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
          UNION SELECT a.adrelid FROM pg_depend d JOIN pg_attrdef a ON a.oid = d.objid WHERE d.refobjid = c.oid)))
      ORDER BY 1`,
    parametersOf(own),
  );
  return rows.map(({ name }) => name);
}

/** What somebody else has in the two schemas: tables and sequences, quoted, with their schemas. */
export async function othersThan(client: pg.Client, own: OwnTables): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT ${NAME} AS name ${FROM_RELATIONS} WHERE c.relkind IN ('r', 'p', 'f', 'S') AND n.nspname = ANY($1) ORDER BY 1`,
    [SCHEMAS],
  );
  const tables = await tablesInOrder(client, own);
  const taken = new Set([...tables.map(({ table }) => table), ...(await sequencesOf(client, own))]);
  return rows.map(({ name }) => name).filter((name) => !taken.has(name));
}
