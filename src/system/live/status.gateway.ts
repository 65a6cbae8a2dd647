import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { Notifications } from '../../database/notifications.service.js';
import { LiveGateway } from '../../events/sockets/live.gateway.js';
import type { LiveSocket } from '../../events/sockets/live-socket.js';
import { LiveSockets } from '../../events/sockets/live-sockets.js';
import type { Plain } from '../../http/plain.js';
import { ENGINE_CHANGED, ENGINE_CHANNEL } from '../../motivation/engine/engine-rows.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import type { LiveStatusDto } from '../dto/live-status.dto.js';
import { LiveStatus } from './live-status.js';
import { hasChanged } from './status-change.rules.js';

const TICK_MS = 10_000;
/** Between ticks it is looked at so often whether something has changed. */
const LOOK_MS = 2_000;
const AFTER_ERROR_MS = 1_000;

/**
 * How NYX is, to whoever is connected: at once, every ten seconds, and when it changes. Each replica finds it out once for all who are
 * connected to it, and not at all when nobody is.
 */
@WebSocketGateway({ namespace: '/ws/system/status' })
export class StatusGateway extends LiveGateway implements OnModuleDestroy {
  private readonly logger = new Logger(StatusGateway.name);
  private readonly loop = new WakefulLoop(() => this.look());
  private latest: Plain<LiveStatusDto> | undefined;
  private isAwaited = false;
  private sentAtMs = 0;

  constructor(
    sockets: LiveSockets,
    private readonly status: LiveStatus,
    notifications: Notifications,
  ) {
    super(sockets);
    notifications.on(ENGINE_CHANNEL, (item) => item === ENGINE_CHANGED && this.wake());
    notifications.onReconnect(() => this.wake());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop.stop();
  }

  /** What was found out for others holds for who comes too: what has changed since was sent. */
  protected joined(socket: LiveSocket): void {
    if (this.latest !== undefined) socket.emit('status', this.latest);
    else {
      this.isAwaited = true;
      this.loop.wake();
    }
  }

  protected override left(): void {
    if (this.count === 0) this.latest = undefined;
  }

  private wake(): void {
    if (this.count > 0) this.loop.wake();
  }

  /** @returns milliseconds until there is something to do again */
  private async look(): Promise<number> {
    if (this.count === 0) {
      this.latest = undefined;
      return TICK_MS;
    }
    try {
      const isAwaited = this.isAwaited;
      this.isAwaited = false;
      const status = await this.status.read();
      const isTick = performance.now() - this.sentAtMs >= TICK_MS - LOOK_MS / 2;
      if (isAwaited || isTick || hasChanged(this.latest, status)) this.send(status);
      return LOOK_MS;
    } catch (error) {
      this.logger.error(`The status could not be found out: ${String(error)}`);
      if (this.latest !== undefined) {
        const timestamp = new Date().toISOString();
        this.send({ ...this.latest, timestamp, error: 'The status could not be found out; this is the last one.' });
      }
      return AFTER_ERROR_MS;
    }
  }

  private send(status: Plain<LiveStatusDto>): void {
    this.latest = status;
    this.sentAtMs = performance.now();
    this.broadcast('status', status);
  }
}
