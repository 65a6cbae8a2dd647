import { DURABLE_SCHEMA, ensureSystemDatabase } from './dbos.js';

const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined };

/** Makes the durable engine's tables, or brings them up to date, without starting it. */
export async function migrateDurableSchema(url: string): Promise<void> {
  await ensureSystemDatabase(
    url,
    silent as unknown as Parameters<typeof ensureSystemDatabase>[1],
    undefined,
    DURABLE_SCHEMA,
  );
}
