import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import type { Transaction } from '../../database/sql.js';
import { rowPrefix, type ArchiveEnd, type ArchiveHead } from './archive-file.js';

/** Rows that are read together: few where they are heavy, for the transaction has nothing to do until all of them are compressed. */
const ROWS_AT_ONCE = { first: 20, light: 200, heavy: 10 };
const HEAVY_CHARACTERS = 1024 * 1024;
/** Compressing takes its time, and a disk too. */
const MAY_IDLE = `SET LOCAL idle_in_transaction_session_timeout = '60s'`;

/** Rows of one table. */
export interface ArchiveSource {
  readonly table: string;
  /** What stands after `FROM <table> t`. */
  readonly which: string;
  readonly values: readonly unknown[];
}

/** Rows that are about to be erased, in compressed files in NYX_ARCHIVE_DIR; without that it does nothing. */
@Injectable()
export class Archive {
  constructor(private readonly config: AppConfig) {}

  /**
   * Writes what `tx` sees, with no more of it in memory than some rows. When it resolves the file is whole and on the disk; one of the same name, of a
   * try whose transaction did not end, is replaced.
   */
  async write(tx: Transaction, name: string, sources: readonly ArchiveSource[]): Promise<void> {
    const { archiveDir } = this.config.retention;
    if (archiveDir === undefined) return;
    const madeAt = new Date().toISOString();
    const file = join(archiveDir, madeAt.slice(0, 7), `${name}.ndjson.gz`);
    const folder = dirname(file);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const partial = `${file}.${process.pid}.part`;
    tx.send(MAY_IDLE);
    try {
      await pipeline(
        Readable.from(lines(tx, madeAt, sources), { objectMode: false }),
        createGzip(),
        createWriteStream(partial, { mode: 0o600, flush: true }),
      );
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
    for (const changed of [folder, archiveDir]) await flush(changed);
  }
}

/** Not prepared: a row has all columns that its table has now. */
async function* lines(
  { client }: Transaction,
  madeAt: string,
  sources: readonly ArchiveSource[],
): AsyncGenerator<string> {
  const head: ArchiveHead = { nyx_archive: 1, made_at: madeAt };
  yield `${JSON.stringify(head)}\n`;
  const next = (most: number): Promise<{ rows: { row: string }[] }> => client.query(`FETCH ${most} FROM archived`);
  let count = 0;
  for (const [number, { table, which, values }] of sources.entries()) {
    const select = `SELECT to_jsonb(t)::text AS row FROM ${table} t ${which}`;
    // Sent at once: most tables have some rows of a workflow, or none.
    let most = ROWS_AT_ONCE.first;
    const opened = [
      number > 0 ? client.query('CLOSE archived') : undefined,
      client.query(`DECLARE archived NO SCROLL CURSOR FOR ${select}`, [...values]),
    ];
    for (let [{ rows }] = await Promise.all([next(most), ...opened]); rows.length > 0; { rows } = await next(most)) {
      count += rows.length;
      const written = rows.map(({ row }) => `${rowPrefix(table)}${row}}\n`).join('');
      yield written;
      if (rows.length < most) break;
      most = written.length > HEAVY_CHARACTERS ? ROWS_AT_ONCE.heavy : ROWS_AT_ONCE.light;
    }
  }
  if (sources.length > 0) await client.query('CLOSE archived');
  const end: ArchiveEnd = { rows: count };
  yield `${JSON.stringify(end)}\n`;
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
