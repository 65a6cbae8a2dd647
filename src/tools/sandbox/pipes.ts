import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const MADE_AT_ONCE = 96;

export interface ProgramPipe {
  /** Ours. */
  readonly stream: Socket;
  /** The descriptor of the program: to be handed to it, then closed. */
  readonly theirs: number;
}

/**
 * Pipes as shells make them. Those of Node are sockets, which programs cannot open again as /dev/stdin or /dev/stdout. Node makes none
 * itself, so named ones are made many at a time, opened at both ends and unlinked.
 */
export class PipeStock {
  private readonly paths: string[] = [];
  private making: Promise<void> | undefined;
  private made = 0;

  constructor(
    private readonly folder: string,
    private readonly searchPath: string,
  ) {}

  /** @param direction what we do with it */
  async take(direction: 'read' | 'write'): Promise<ProgramPipe> {
    const path = await this.path();
    const isReading = direction === 'read';
    // Open at both ends, so that no open waits for the other end, and the program's need not be non-blocking.
    const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const theirs = openSync(path, isReading ? constants.O_WRONLY : constants.O_RDONLY);
      const fd = openSync(path, (isReading ? constants.O_RDONLY : constants.O_WRONLY) | constants.O_NONBLOCK);
      return { stream: new Socket({ fd, readable: isReading, writable: !isReading }), theirs };
    } finally {
      closeSync(both);
      unlinkSync(path);
    }
  }

  private async path(): Promise<string> {
    for (;;) {
      const path = this.paths.pop();
      if (path !== undefined) return path;
      this.making ??= this.make().finally(() => (this.making = undefined));
      await this.making;
    }
  }

  private async make(): Promise<void> {
    const paths = Array.from({ length: MADE_AT_ONCE }, () => join(this.folder, `pipe-${this.made++}`));
    await execute('mkfifo', ['-m', '600', ...paths], { env: { PATH: this.searchPath } });
    this.paths.push(...paths);
  }
}
