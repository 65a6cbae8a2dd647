import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { StartError } from '../../src/config/start-error.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads environments in a folder of their own, fresh for every test of a file. */
export class ConfigRoom {
  folder = '';

  static forThisFile(): ConfigRoom {
    const room = new ConfigRoom();
    beforeEach(() => {
      room.folder = mkdtempSync(join(tmpdir(), 'nyx-test-config-'));
    });
    afterEach(() => rmSync(room.folder, { recursive: true, force: true }));
    return room;
  }

  load(environment: Variables): AppConfig {
    return configOf(environment, this.folder);
  }

  /** The sentence with which it is refused. */
  refusal(environment: Variables): string {
    try {
      this.load(environment);
    } catch (error) {
      expect(error).toBeInstanceOf(StartError);
      return (error as StartError).message;
    }
    throw new Error(`accepted ${JSON.stringify(environment)}`);
  }
}
