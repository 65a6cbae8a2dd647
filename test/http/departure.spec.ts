import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { departureOf } from '../../src/http/event-stream.js';

describe('the departure of a client', () => {
  let server: Server;
  afterEach(() => server.close());

  const answer = async (handle: (response: Response) => void): Promise<number> => {
    server = createServer((_request, response) => handle(response as unknown as Response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  it('is heard also by who asks only after it', async () => {
    let arrived: (response: Response) => void = () => undefined;
    const arrival = new Promise<Response>((resolve) => (arrived = resolve));
    const port = await answer((response) => arrived(response));
    const client = request({ port, host: '127.0.0.1' }).on('error', () => undefined);
    client.end();
    const response = await arrival;
    const closed = new Promise((resolve) => response.once('close', resolve));
    client.destroy();
    await closed;
    expect(departureOf(response).aborted).toBe(true);
  });
});
