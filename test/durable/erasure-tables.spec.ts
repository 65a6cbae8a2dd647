import { DURABLE_SCHEMA } from '../../src/durable/dbos.js';
import { migrateDurableSchema } from '../../src/durable/durable-schema.js';
import { DURABLE_TABLES } from '../../src/durable/erasure.js';
import { DatabaseClients } from '../support/database-clients.js';

/** Columns that hold the id of a durable function, or look as if, besides the one that a table's rows are erased by. */
const BESIDES: Readonly<Record<string, string>> = {
  'operation_outputs.child_workflow_id': 'in a row of whoever began it, which is erased before or with it',
  'workflow_status.parent_workflow_id': 'whose children are erased with it',
  'workflow_status.forked_from': 'nothing is forked',
  'notifications.message_uuid': 'of the message',
};

/** Tables that are of no durable function. */
const OF_NONE = ['application_versions', 'dbos_migrations', 'event_dispatch_kv', 'queues', 'workflow_schedules'];

describe('a durable function that is erased', () => {
  const database = DatabaseClients.forEachTest();

  it('is named in no other table or column of the schema', async () => {
    await migrateDurableSchema(database.url);
    const client = await database.connect();
    const { rows } = await client.query<{ table: string; name: string; may_name: boolean }>(
      `SELECT table_name AS table, table_name || '.' || column_name AS name, column_name ~ '(_uuid|workflow_id|^forked_from)$' AS may_name
         FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = $1 AND table_type = 'BASE TABLE'`,
      [DURABLE_SCHEMA],
    );
    const erasedBy = DURABLE_TABLES.map(({ table, column }) => `${table}.${column}`.slice(DURABLE_SCHEMA.length + 1));
    expect(rows.flatMap(({ name, may_name }) => (may_name ? [name] : [])).sort()).toEqual(
      [...erasedBy, ...Object.keys(BESIDES)].sort(),
    );
    const tables = new Set(rows.map(({ table }) => table));
    for (const name of erasedBy) tables.delete(name.slice(0, name.indexOf('.')));
    expect([...tables].sort()).toEqual(OF_NONE);
  });
});
