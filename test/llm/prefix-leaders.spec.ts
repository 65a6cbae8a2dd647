import { PrefixLeaders, type PrefixTurn } from '../../src/llm/guards/prefix-leaders.js';
import type { ProviderRequest } from '../../src/llm/providers/provider.js';
import { GatewayRoom } from './gateway-room.js';

const MINUTE_MS = 60_000;

const request = (more: Partial<ProviderRequest> = {}): ProviderRequest => ({
  model: 'm',
  maxTokens: 10,
  system: 'the same',
  prompt: 'what varies',
  cache: { system: '5m' },
  ...more,
});

describe('calls that begin alike', () => {
  let now = 0;
  let leaders: PrefixLeaders;
  beforeEach(() => {
    now = 0;
    leaders = new PrefixLeaders(() => now);
  });

  /** Whether a call has to wait. */
  const waits = async (given: ProviderRequest): Promise<boolean> => {
    const gone = new AbortController();
    const joining = leaders.join(given, gone.signal).then(
      (turn) => {
        turn.ended();
        return false;
      },
      () => true,
    );
    await new Promise((resolve) => setImmediate(resolve));
    gone.abort(new Error('gone'));
    return joining;
  };

  it('wait for the first until it is answered, and then only when it was long ago', async () => {
    const leader = await leaders.join(request());
    expect(await waits(request({ prompt: 'another' }))).toBe(true);
    expect(await waits(request({ model: 'other' }))).toBe(false);
    expect(await waits(request({ system: 'another' }))).toBe(false);
    expect(await waits(request({ cache: {} }))).toBe(false);
    leader.started();
    now += 4 * MINUTE_MS;
    expect(await waits(request())).toBe(false);
    now += 4 * MINUTE_MS;
    expect(await waits(request())).toBe(false);
    now += 6 * MINUTE_MS;
    const next = await leaders.join(request());
    expect(await waits(request())).toBe(true);
    next.started();
  });

  it('go on with one of them as the first when the first failed before it was answered', async () => {
    const leader = await leaders.join(request());
    const turns: PrefixTurn[] = [];
    const others = [1, 2, 3].map(() => leaders.join(request()).then((turn) => void turns.push(turn)));
    leader.ended();
    await new Promise((resolve) => setImmediate(resolve));
    expect(turns).toHaveLength(1);
    turns[0]?.started();
    await Promise.all(others);
    expect(turns).toHaveLength(3);
  });
});

describe('many calls at once with one long beginning', () => {
  const room = GatewayRoom.forThisFile();

  it('write the provider’s cache once and read it otherwise', async () => {
    const often = { uses: 8, gapSeconds: 60 };
    const shared = 'The minutes of a long meeting about the harbour. '.repeat(200);
    const calls = Array.from({ length: 8 }, (_, index) =>
      room.gateway.call(
        room.fixture.callFor(undefined, {
          system: 'You are a member of the council.',
          sharedContext: shared,
          prompt: `Speak as member ${index}.`,
          reuse: { system: often, sharedContext: often },
        }),
      ),
    );
    const answers = await Promise.all(calls);
    const usages = room.server.charges.map(({ usage }) => usage);
    expect(usages.filter(({ write5mTokens }) => write5mTokens > 0)).toHaveLength(1);
    expect(usages.filter(({ readTokens }) => readTokens > 1000)).toHaveLength(7);
    expect(answers.filter(({ cached }) => cached)).toHaveLength(7);
    const paid = answers.reduce((sum, { costUsd }) => sum + costUsd.toNumber(), 0);
    const without = answers.reduce((sum, { costWithoutCacheUsd }) => sum + costWithoutCacheUsd.toNumber(), 0);
    expect(paid).toBeLessThan(without / 2);
  });
});
