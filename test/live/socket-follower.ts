import { Follower } from './follower.js';
import { connect, type Acknowledged, type LiveEvent } from './live-client.js';

/** By Socket.IO, on a connection of its own. */
export class SocketFollower extends Follower {
  protected override follow(url: string, hangUp: (cut: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(url, '/ws/workflows', { apiKey: this.apiKey });
      let isOver = false;
      const over = (): void => {
        isOver = true;
        socket.disconnect();
        resolve();
      };
      // What was on its way when the connection was left belongs to no connection.
      socket.on('event', ({ seq, type }: LiveEvent) => !isOver && this.sees(seq, type));
      socket.once('connect', () => {
        const body = { workflow_id: this.workflowId, after_seq: this.lastSeen };
        socket.emit('subscribe', body, ({ ok }: Acknowledged) => !ok && over());
      });
      for (const end of ['connect_error', 'disconnect', 'lagged']) socket.once(end, over);
      hangUp(() => {
        socket.io.engine.close();
        over();
      });
    });
  }
}
