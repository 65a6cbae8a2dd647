import { Column, type DataSource, Entity, PrimaryColumn } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { createDataSource } from '../../src/database/data-source.js';
import { entities, keylessTables } from '../../src/entities.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

@Entity('system_config')
class Stray {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'text' })
  stray!: string;
}

type Catalog = Map<string, string>;

/** Columns, constraints and indexes as PostgreSQL itself writes them; the spelling of default literals is evened out. */
async function catalogOf(dataSource: DataSource): Promise<Catalog> {
  const rows: { name: string; definition: string }[] = await dataSource.query(`
    SELECT 'column ' || c.relname || '.' || a.attname AS name,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                     regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^''(-?[0-9.]+)''::[a-z ]+$', '\\1')) AS definition
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'migrations'
    UNION ALL
    SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations'`);
  const described = rows.filter(({ name }) => !keylessTables.some((table) => name.includes(` ${table}.`)));
  return new Map(described.map(({ name, definition }) => [name, definition]));
}

let database: TestDatabase;
let migrated: DataSource;

const connect = (url: string, list: (new () => object)[] = entities): Promise<DataSource> =>
  createDataSource({ url, entities: list, poolSize: 2 }).initialize();

const pendingChanges = async (dataSource: DataSource): Promise<string[]> => {
  const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
  return [...upQueries, ...downQueries].map(({ query }) => query);
};

beforeAll(async () => {
  database = await createTestDatabase();
  migrated = await connect(database.url);
  await migrated.runMigrations();
});
afterAll(async () => {
  await migrated.destroy();
  await database.drop();
});

it('after the migrations the schema builder has nothing to do', async () => {
  expect(await pendingChanges(migrated)).toEqual([]);
});

it('the entities describe exactly the migrated schema, expression for expression', async () => {
  const other = await createTestDatabase({ empty: true });
  const synchronized = await connect(other.url);
  try {
    await synchronized.synchronize();
    expect(await catalogOf(synchronized)).toEqual(await catalogOf(migrated));
  } finally {
    await synchronized.destroy();
    await other.drop();
  }
});

it('every table of the database has its entity', async () => {
  const tables: { name: string }[] = await migrated.query(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1`,
  );
  expect(tables.map(({ name }) => name)).toEqual(
    [...migrated.entityMetadatas.map(({ tableName }) => tableName), ...keylessTables].sort(),
  );
});

it('a column that no migration makes is noticed', async () => {
  const drifted = await connect(database.url, [Stray]);
  try {
    expect(await pendingChanges(drifted)).toContainEqual(expect.stringContaining('ADD "stray" text NOT NULL'));
  } finally {
    await drifted.destroy();
  }
});

it('the migrations can be reverted to nothing and run again', async () => {
  const other = await createTestDatabase({ empty: true });
  const dataSource = await connect(other.url);
  try {
    await dataSource.runMigrations();
    for (let undone = 0; undone < migrations.length; undone += 1) await dataSource.undoLastMigration();
    expect([...(await catalogOf(dataSource)).keys()]).toEqual([]);
    await dataSource.runMigrations();
    expect(await catalogOf(dataSource)).toEqual(await catalogOf(migrated));
  } finally {
    await dataSource.destroy();
    await other.drop();
  }
});
