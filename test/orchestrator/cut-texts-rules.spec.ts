import { verdictOf, verdictOfRules } from '../../src/orchestrator/agents/validator/verdict.rules.js';
import { failedCall } from '../../src/orchestrator/run/agent-attempts.rules.js';
import { unfinished, type SubtaskEnd } from '../../src/orchestrator/run/unfinished.rules.js';
import { wireSchemaOf } from '../../src/llm/providers/anthropic/tool-schema.rules.js';
import { Problem } from '../../src/http/problem.js';

/** Emojis alone, begun at every place: wherever it is cut at an even or odd length, one of the two would be halved. */
const texts = ['😀'.repeat(5_000), `-${'😀'.repeat(5_000)}`];

const finding = (message: string) => ({ rule: 'model', severity: 'error', message }) as const;
const subtask = (title: string, reason: string): SubtaskEnd => ({
  ...{ title, reason, status: 'failed', code: 'LLM_REFUSED', isDispensable: false, isNeeded: true },
});
const judged = (text: string) => ({ criterion: 'short', met: false, reason: text });

it.each<[string, (text: string) => unknown]>([
  ['what rules found', (text) => verdictOfRules([finding(text)])],
  [
    'a reason of a verdict',
    (text) =>
      verdictOf({ passed: false, score: 0, findings: [], criteria: [judged(text)], confidence: 1 }, ['short'], []),
  ],
  ['titles of subtasks', (text) => unfinished([subtask(text, '')], 'medium')],
  ['a reason of a subtask', (text) => unfinished([subtask('Short', text)], 'medium')],
  ['a problem of a call', (text) => failedCall(new Problem('LLM_UNAVAILABLE', text))],
  ['a schema in words', (text) => wireSchemaOf({ type: 'object', oneOf: [{ const: text }] }).words],
])('%s is cut between characters', (_, of) => {
  for (const text of texts) {
    const json = JSON.stringify(of(text));
    expect(json.length).toBeLessThan(9_000);
    expect(json).not.toContain('\\ud');
    expect(json).not.toContain('\uFFFD');
  }
});
