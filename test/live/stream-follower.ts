import { get } from 'node:http';
import { Follower } from './follower.js';

/** By Server-Sent Events, on a connection of its own. */
export class StreamFollower extends Follower {
  protected override follow(url: string, hangUp: (cut: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const headers = { 'x-api-key': this.apiKey, 'last-event-id': String(this.lastSeen) };
      const path = `/api/v1/orchestrator/workflows/${this.workflowId}/events`;
      const asked = get(`${url}${path}`, { agent: false, headers }, (response) => {
        // There is nothing to come.
        if (response.statusCode === 204) this.stop();
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const frames = `${text}${chunk}`.split('\n\n');
          text = frames.pop() ?? '';
          for (const frame of frames) {
            const [, id, type] = /^id: (\d+)\nevent: (\S+)$/m.exec(frame) ?? [];
            if (id !== undefined && type !== undefined && !asked.destroyed) this.sees(Number(id), type);
          }
        });
        response.on('error', () => undefined);
      });
      asked.on('error', () => undefined).once('close', resolve);
      hangUp(() => asked.destroy());
    });
  }
}
