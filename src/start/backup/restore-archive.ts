import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { codeOf, isOfSystem, shownCode } from '../../config/error-code.js';
import { StartError } from '../../config/start-error.js';
import { databaseFailure } from '../../database/database-failure.js';
import {
  isArchivedRow,
  isArchiveEnd,
  isArchiveHead,
  rowTextOf,
  type ArchivedRow,
  type ArchiveEnd,
  type ArchiveHead,
} from '../../orchestrator/keeping/archive-file.js';
import { ARCHIVED_TABLES } from '../../orchestrator/keeping/archived-tables.js';

const BATCH_CHARACTERS = 4_000_000;
const BATCH_ROWS = 200;

export interface RestoredArchive {
  readonly madeAt: string;
  /** Put back, and those that were there. */
  readonly rows: number;
  readonly there: number;
}

/**
 * Puts the rows of an archive back, also beside a NYX that runs, in one transaction: all that are not there, or nothing.
 * @throws StartError
 */
export async function restoreArchive(url: string, file: string): Promise<RestoredArchive> {
  const client = new pg.Client({ connectionString: url, application_name: 'nyx-restore', keepAlive: true });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SET statement_timeout = 0');
    await client.query('BEGIN');
    const restored = await load(client, file);
    await client.query('COMMIT');
    return restored;
  } catch (error) {
    // Another schema than that of the archive: a column or table that is not there, or has to have a value.
    if (error instanceof pg.DatabaseError && /^(42(?!501)|23)/.test(error.code ?? '')) {
      throw new StartError(`The archive ${file} does not fit the schema of this database: ${error.message}.`, {
        cause: error,
      });
    }
    throw databaseFailure(error, `The archive ${file} was not put back`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function load(client: pg.Client, file: string): Promise<RestoredArchive> {
  let head: ArchiveHead | undefined;
  let end: ArchiveEnd | undefined;
  let batch: Batch | undefined;
  const counts = { rows: 0, read: 0 };
  for await (const text of linesOf(file)) {
    const line = parsed(text);
    if (end !== undefined) throw damaged(file);
    if (head === undefined) {
      if (!isArchiveHead(line)) throw damaged(file);
      head = line;
    } else if (isArchiveEnd(line)) end = line;
    else {
      const { row, text: rowText } = rowIn(line, text, file);
      if (!batch?.takes(row)) {
        counts.rows += (await batch?.write(client)) ?? 0;
        batch = new Batch(row);
      }
      batch.add(rowText);
      counts.read += 1;
    }
  }
  counts.rows += (await batch?.write(client)) ?? 0;
  if (!head || end?.rows !== counts.read) throw damaged(file);
  return { madeAt: head.made_at, rows: counts.rows, there: counts.read - counts.rows };
}

/** @throws StartError where it is none that can be put back */
function rowIn(line: unknown, text: string, file: string): { readonly row: ArchivedRow; readonly text: string } {
  if (!isArchivedRow(line)) throw damaged(file);
  if (line.table === 'audit_log') {
    throw new StartError(`The archive ${file} has entries of the audit log, which takes none back: read them there.`);
  }
  const rowText = rowTextOf(line, text);
  if (rowText === undefined || !ARCHIVED_TABLES.has(line.table)) throw damaged(file);
  return { row: line, text: rowText };
}

/** Rows of one table, written in one statement, as texts: nothing of a number is lost. */
class Batch {
  private readonly table: string;
  private readonly columns: readonly string[];
  private readonly rows: string[] = [];
  private characters = 0;

  constructor({ table, row }: ArchivedRow) {
    this.table = table;
    this.columns = Object.keys(row);
  }

  takes({ table }: ArchivedRow): boolean {
    return table === this.table && this.rows.length < BATCH_ROWS && this.characters < BATCH_CHARACTERS;
  }

  add(row: string): void {
    this.rows.push(row);
    this.characters += row.length;
  }

  /** @returns how many were not there */
  async write(client: pg.Client): Promise<number> {
    const names = this.columns.map((name) => pg.escapeIdentifier(name));
    // The workflow that it continues may be gone since.
    const values = names.map((name) =>
      this.table === 'workflows' && name === '"parent_workflow_id"'
        ? '(SELECT p.id FROM workflows p WHERE p.id = r."parent_workflow_id")'
        : `r.${name}`,
    );
    const { rowCount } = await client.query(
      `INSERT INTO ${this.table} (${names.join(', ')})
       SELECT ${values.join(', ')} FROM jsonb_populate_recordset(NULL::${this.table}, $1::jsonb) r ON CONFLICT DO NOTHING`,
      [`[${this.rows.join(',')}]`],
    );
    return rowCount ?? 0;
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = createGunzip();
  unzipped.on('error', () => undefined);
  createReadStream(file)
    .on('error', (error) => unzipped.destroy(error))
    .pipe(unzipped);
  try {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of unzipped) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') throw damaged(file);
  } catch (error) {
    if (codeOf(error)?.startsWith('Z_') === true) throw damaged(file, error);
    if (isOfSystem(error))
      throw new StartError(`The file ${file} cannot be read (${shownCode(error)}).`, { cause: error });
    throw error;
  }
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const damaged = (file: string, cause?: unknown): StartError =>
  new StartError(`The file ${file} is no whole archive of NYX: it is cut off, damaged, or something else.`, { cause });
