import { Problem } from '../../src/http/problem.js';
import type { LlmGateway } from '../../src/llm/gateway.js';
import { LlmFixture, startModelServer, type ModelServer } from './llm-fixture.js';

export const CITY_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** A gateway with its model server and database, fresh for every test of a file; after each the balances must equal the ledger. */
export class GatewayRoom {
  fixture!: LlmFixture;
  server!: ModelServer;
  gateway!: LlmGateway;

  static forThisFile(): GatewayRoom {
    const room = new GatewayRoom();
    beforeAll(async () => {
      [room.fixture, room.server] = await Promise.all([LlmFixture.start(), startModelServer()]);
    });
    afterAll(async () => {
      await room.server.close();
      await room.fixture.close();
    });
    beforeEach(async () => {
      room.server.reset();
      // Anew: its breakers remember the failures of the test before.
      room.gateway = room.fixture.gateway(room.server);
      await room.fixture.clear();
    });
    afterEach(async () => {
      expect(await room.fixture.inconsistentScopes()).toEqual([]);
    });
    return room;
  }

  /** Requests for a message that the model server got. */
  messages(): number {
    return this.server.requests.filter(({ path }) => path === '/v1/messages').length;
  }

  async states(): Promise<string[]> {
    return (await this.fixture.interactions()).map((row) => row.status);
  }

  async ledgerStates(): Promise<string[]> {
    return (await this.fixture.ledger()).map((row) => row.status);
  }
}

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error: unknown = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw error;
  return error;
}
