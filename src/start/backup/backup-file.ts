import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../../config/error-code.js';
import { StartError } from '../../config/start-error.js';
import {
  END_OF_ROWS,
  isBackupEnd,
  isBackupHead,
  isOfBackup,
  isTableHead,
  type BackupEnd,
  type BackupHead,
  type TableHead,
} from './backup-format.rules.js';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1024 * 1024;
const END_OF_ROWS_AFTER_A_LINE = Buffer.from(`\n${END_OF_ROWS}`);

/** Reads a backup from its beginning to its end, with no more of it in memory than a row. */
export class BackupReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly file: string) {
    const unzipper = createGunzip({ chunkSize: CHUNK_BYTES });
    // Told where it is read, which may be later than it happens.
    unzipper.on('error', () => undefined);
    createReadStream(file)
      .on('error', (error) => unzipper.destroy(error))
      .pipe(unzipper);
    this.chunks = unzipper[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** @throws StartError when the file is none, or of another format */
  async head(): Promise<BackupHead> {
    const line = await this.line();
    if (!isOfBackup(line)) throw new StartError(`The file ${this.file} is no backup of NYX.`);
    if (!isBackupHead(line)) throw this.damaged();
    return line;
  }

  /** The next table, whose rows are to be read then, or the end. */
  async next(): Promise<TableHead | BackupEnd> {
    const line = await this.line();
    if (isTableHead(line) || isBackupEnd(line)) return line;
    throw this.damaged();
  }

  /** The rows of the table whose head was just read, in pieces of whole lines. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      if (this.rest.subarray(0, END_OF_ROWS.length).toString() === END_OF_ROWS) {
        this.take(END_OF_ROWS.length);
        return;
      }
      const end = this.rest.indexOf(END_OF_ROWS_AFTER_A_LINE);
      const wholeLines = end >= 0 ? end + 1 : this.rest.lastIndexOf(NEWLINE) + 1;
      // What may be the beginning of the end stays, until all of it is there.
      if (wholeLines > 0) yield this.take(wholeLines);
      else await this.more();
    }
  }

  close(): void {
    void this.chunks.return?.();
  }

  private async line(): Promise<unknown> {
    for (;;) {
      const end = this.rest.indexOf(NEWLINE);
      if (end >= 0) {
        const line = this.take(end + 1).toString();
        try {
          return JSON.parse(line) as unknown;
        } catch {
          throw this.damaged();
        }
      }
      await this.more();
    }
  }

  private take(bytes: number): Buffer {
    const taken = this.rest.subarray(0, bytes);
    this.rest = this.rest.subarray(bytes);
    return taken;
  }

  private async more(): Promise<void> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.chunks.next();
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code.startsWith('Z_')) throw this.damaged(error);
      throw new StartError(`The file ${this.file} cannot be read (${code}).`, { cause: error });
    }
    if (next.done === true) throw this.damaged();
    this.rest = this.rest.length === 0 ? next.value : Buffer.concat([this.rest, next.value]);
  }

  private damaged(cause?: unknown): StartError {
    return new StartError(
      `The file ${this.file} is no whole backup of NYX: it is cut off, damaged, or something else.`,
      {
        cause,
      },
    );
  }
}
