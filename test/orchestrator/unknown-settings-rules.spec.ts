import { readSettings } from '../../src/orchestrator/planning/execution-settings.rules.js';
import { InputErrors } from '../../src/orchestrator/planning/input-fields.rules.js';
import { unknownSettings } from '../../src/orchestrator/planning/unknown-settings.rules.js';
import { readQualityRequest } from '../../src/orchestrator/agents/validator/quality-request.rules.js';

/** The members of `execution_context` that are looked at when it is read. */
function membersRead(): Record<string, Record<string, unknown>> {
  const places = ['resource_limits', 'quality_settings', 'execution_preferences'];
  const read: Record<string, Record<string, unknown>> = {};
  const context = Object.fromEntries(
    places.map((place) => {
      const members: Record<string, unknown> = (read[place] = {});
      const get = (_: object, name: string): undefined => void (members[name] = 1);
      return [place, new Proxy({}, { get })];
    }),
  );
  readSettings(context, new InputErrors());
  readQualityRequest(context, new InputErrors());
  return read;
}

describe('a setting that changes nothing', () => {
  it('is none that is read', () => {
    const read = membersRead();
    expect(Object.values(read).map((members) => Object.keys(members).length)).toEqual([5, 6, 7]);
    expect(unknownSettings(read)).toEqual([]);
  });

  it('is named where it is misspelt or misplaced; what else stands there is the caller’s', () => {
    const context = {
      max_cost_usd: 1,
      session: 'mine',
      resource_limits: { max_cost: 1, max_subtasks: 2, constructor: 1 },
      quality_settings: null,
      execution_preferences: [1],
    };
    expect(unknownSettings(context)).toEqual([
      'execution_context.max_cost_usd changes nothing: it belongs into resource_limits.',
      'execution_context.resource_limits.max_cost is not known and changes nothing.',
      'execution_context.resource_limits.constructor is not known and changes nothing.',
    ]);
    expect(unknownSettings({ session: 'mine' })).toEqual([]);
  });

  it('is named by at most ten, shortly, and the others are counted', () => {
    const limits = Object.fromEntries(Array.from({ length: 13 }, (_, n) => [`${'x'.repeat(100)}${n}`, 1]));
    const warnings = unknownSettings({ resource_limits: limits });
    expect(warnings).toHaveLength(11);
    expect(Math.max(...warnings.map(({ length }) => length))).toBeLessThan(150);
    expect(warnings.at(-1)).toBe('3 more members of execution_context change nothing.');
  });
});
