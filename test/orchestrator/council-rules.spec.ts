import fc from 'fast-check';
import {
  consensusOf,
  COUNCIL_ROLES,
  membersFor,
  type Vote,
} from '../../src/orchestrator/agents/council/council.rules.js';

const votesOf = (...cast: [string, number][]): Vote[] =>
  cast.map(([vote, confidence], index) => ({ role: COUNCIL_ROLES[index % 5] ?? 'engineer', vote, confidence }));

describe('the consensus of a council', () => {
  it.each<[Vote[], string, string, boolean]>([
    [votesOf(['a', 0.1], ['a', 0.1], ['a', 0.1]), 'a', 'unanimous', true],
    [votesOf(['b', 0.1], ['b', 0.1], ['a', 0.9]), 'b', 'strong', true],
    [votesOf(['b', 0.1], ['b', 0.1], ['b', 0.1], ['a', 0.9], ['c', 0.9]), 'b', 'majority', false],
    [votesOf(['b', 0.9], ['a', 0.8]), 'b', 'none', false],
    [votesOf(['b', 0.5], ['a', 0.5]), 'a', 'none', false],
    [votesOf(['x', 1], ['x', 1], ['b', 0.1]), 'b', 'unanimous', true],
  ])('of %j is %s: %s', (votes, winner, level, reached) => {
    expect(consensusOf(['a', 'b', 'c'], votes)).toMatchObject({ winner, level, reached });
  });

  it('is none without votes', () => {
    expect(consensusOf(['a'], [])).toBeUndefined();
    expect(consensusOf([], votesOf(['a', 1]))).toBeUndefined();
  });

  it('goes to an option with the most votes, in whatever order they are cast', () => {
    const votes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0.25, 0.5, 1)), { minLength: 1 });
    fc.assert(
      fc.property(votes, (cast) => {
        const given = votesOf(...cast);
        const consensus = consensusOf(['a', 'b', 'c'], given);
        const most = Math.max(...Object.values(consensus?.votes ?? {}));
        expect(consensus?.votes[consensus.winner]).toBe(most);
        expect(consensus?.share).toBe(most / cast.length);
        expect(consensusOf(['a', 'b', 'c'], given.toReversed())).toEqual(consensus);
      }),
    );
  });
});

describe('the members of a council', () => {
  it.each([
    [undefined, []],
    [{ technical: 'high' as const }, ['analyst']],
    [{ scope: 'critical' as const }, ['analyst']],
    [{ risk: 'high' as const }, ['facilitator']],
    [{ overall: 'critical' as const, data: 'high' as const }, ['analyst', 'facilitator']],
    [{ technical: 'medium' as const, quality: 'high' as const }, []],
  ])('of %j are three and %j', (complexity, more) => {
    expect(membersFor(complexity)).toEqual(['engineer', 'strategist', 'dissenter', ...more]);
  });
});
