import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Connection, type EngineSocket } from './connection.js';

/** The open connections of this process. When it stops they end at once, so that clients go on with another replica. */
@Injectable()
export class Connections implements OnModuleDestroy {
  private readonly open = new Set<Connection>();
  private hasStopped = false;

  get isStopping(): boolean {
    return this.hasStopped;
  }

  /** Of the client that reads most slowly. */
  get mostWaitingBytes(): number {
    return Math.max(0, ...[...this.open].map(({ waiting }) => waiting));
  }

  add(engine: EngineSocket): void {
    const connection = new Connection(engine);
    this.open.add(connection);
    engine.once('close', () => this.open.delete(connection));
    if (this.hasStopped) connection.close();
  }

  onModuleDestroy(): void {
    this.hasStopped = true;
    for (const connection of this.open) connection.close();
  }
}
