import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import { readEngine, type EngineRow } from './engine-rows.js';

/** The engine's row as it is now; those who ask at once share the read. */
@Injectable()
export class EngineReader {
  private readonly rows: SharedReads<EngineRow | undefined>;

  constructor(database: Database) {
    this.rows = new SharedReads(() => readEngine(database));
  }

  /** Undefined before the first start. */
  read(): Promise<EngineRow | undefined> {
    return this.rows.read('engine');
  }
}
