import { setImmediate as nextTurn } from 'node:timers/promises';
import { presentedApiKey, presentedToken } from '../../src/auth/strategies/bearer.rules.js';
import { decodeCursor } from '../../src/http/cursor.js';
import { redactText } from '../../src/http/log-redaction.rules.js';
import { isMoment } from '../../src/http/moment.rules.js';
import { unacceptableIn } from '../../src/http/plain-json.rules.js';
import { readTag } from '../../src/llm/confidence.rules.js';
import { checkCustomRules, readCustomRules } from '../../src/orchestrator/agents/validator/custom-rules.rules.js';
import { InputErrors } from '../../src/orchestrator/planning/input-fields.rules.js';
import { validationRules } from '../../src/orchestrator/agents/validator/built-in-rules.js';
import { CONDITION_PATH } from '../../src/orchestrator/triggers/condition.rules.js';
import { placeholdersIn } from '../../src/orchestrator/workflow-templates/template-text.rules.js';
import { readPreference } from '../../src/orchestrator/workflows/preference.rules.js';
import { parameterCheckOf } from '../../src/tools/parameters/parameters.rules.js';
import { ask } from '../llm/offline-asking.js';
import { pumped } from './pumps.js';

/*
 * Every pattern in `src` was tried with these pumps. Those that look at a place twice and are left have input that is cut first:
 * a password (200 characters), the first words of a sentence (200), a step of a plan (1000), a question (4000), an address in a
 * prompt (2000), a glob and a line of a manifest (their own limits), the issuer of the deployment. All else is below, with texts
 * as long as a prompt may be: quadratic steps would take many minutes here, which is longer than any of these tests has.
 */
const LONGEST_PROMPT = 190_000;
const TEXTS = pumped(LONGEST_PROMPT);
const ALL_TEXTS_MS = 240_000;

const VERDICT = { type: 'object', required: ['passed'], properties: { passed: { type: 'boolean' } } };

const attempt = (work: () => unknown): void => {
  try {
    work();
  } catch (error) {
    expect((error as Error).name).toBe('Problem');
  }
};

/** Everything that reads a text without knowing who wrote it. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'log lines': redactText,
  times: isMoment,
  cursors: decodeCursor,
  'JSON bodies': (text) => unacceptableIn({ [text]: text }),
  'bearer tokens': (text) => presentedToken({ authorization: `Bearer ${text}` }),
  'API keys': (text) => presentedApiKey({ authorization: `Bearer ${text}`, 'x-api-key': text }),
  preferences: readPreference,
  'paths of conditions': (text) => CONDITION_PATH.test(text),
  'placeholders of templates': placeholdersIn,
  'confidence tags': readTag,
};

it.each(Object.entries(READERS))(
  '%s are read in steps that grow with their length',
  async (_what, read) => {
    for (const text of TEXTS) {
      attempt(() => read(text));
      await nextTurn();
    }
  },
  ALL_TEXTS_MS,
);

it.each(validationRules.map((Rule) => [Rule.name, Rule] as const))(
  '%s judges a result in steps that grow with its length',
  async (_name, Rule) => {
    const rule = new Rule();
    for (const content of TEXTS) {
      rule.check({ content, objective: content, outputFields: { a: 'string' } });
      await nextTurn();
    }
  },
  ALL_TEXTS_MS,
);

it(
  'the offline provider answers a prompt in steps that grow with its length',
  async () => {
    for (const text of TEXTS.filter((_text, index) => index % 4 === 0)) {
      await ask(text);
      await ask(`<output>${text}</output>\nJudge the output. Success criteria:\n- a table\n- a list`, {
        schema: VERDICT,
      });
      await nextTurn();
    }
  },
  ALL_TEXTS_MS,
);

/** Each needs more steps than there is time for where a pattern is tried in all ways. */
const EXPLOSIVE = ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^(\\w+\\s?)*$', '([a-z]+)*\\d$', '^(.*a){20}$'];
const NEARLY = `${'a'.repeat(50_000)}!`;

describe.each(EXPLOSIVE)('the pattern %s of a schema', (pattern) => {
  const member = { type: 'string', pattern };

  it('explodes neither for the offline provider’s answers nor for its calls of tools', async () => {
    await ask(`<output>${NEARLY}</output>\nName it.`, {
      schema: { type: 'object', properties: { name: member }, required: ['name'] },
    });
    const inputSchema = {
      type: 'object',
      properties: { path: member },
      required: ['path'],
      additionalProperties: false,
    };
    const description = 'Reads a file.';
    await ask(`Read \`${NEARLY.slice(0, 90)}\``, { tools: [{ name: 'read_file', description, inputSchema }] });
    await ask(`read_file {"path":"${NEARLY.slice(0, 10_000)}"}`, {
      tools: [{ name: 'read_file', description, inputSchema }],
    });
  });

  it('explodes neither for parameters of tools nor for rules that a request brings', () => {
    const check = parameterCheckOf({ type: 'object', properties: { path: member }, additionalProperties: false });
    expect(check({ path: NEARLY })).toHaveLength(1);
    const rule = { name: 'mine', type: 'json_schema', schema: { type: 'string', pattern } };
    const rules = readCustomRules({ validation_rules: [rule] }, 'quality', new InputErrors());
    expect(checkCustomRules(rules, JSON.stringify(NEARLY))).toHaveLength(1);
  });
});
