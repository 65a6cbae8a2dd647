import { randomUUID } from 'node:crypto';
import { Communications } from '../../src/orchestrator/communications/communications.js';
import { ToolRegistry } from '../../src/tools/tool-registry.js';
import type { Rule } from '../support/model-server-script.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';
import { NotesTool } from './tool-shelf.js';

let fixture: OrchestratorFixture;
const notes = new NotesTool();

beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
  fixture.nyx.app.get(ToolRegistry).register(notes);
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.model.reset();
  notes.notes.set('milk', 'Buy milk.');
});

interface Body {
  readonly system: unknown;
  readonly tools: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

const asks: Rule = {
  thinking: 'Where may it stand?',
  toolUses: [{ name: 'notes', input: { operation: 'read', name: 'milk' } }],
};
const inVain: Rule = { answer: 'Half', stopReason: 'max_tokens' };
const answers: Rule = { answer: 'Buy milk.' };
const told = (rule: Rule): Rule => ({ ...rule, hold: 'told' });

/** Without marks for the cache, which move, and every text as a block. */
const plain = (body: unknown): Body => {
  const { system, tools, messages } = JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === 'cache_control' ? undefined : value)),
  ) as Body;
  const blocks = (content: unknown): unknown =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return {
    system: blocks(system),
    tools,
    messages: messages.map(({ role, content }) => ({ role, content: blocks(content) })),
  };
};

/** Another agent tells that of the workflow something while the model is asked. */
async function tell(workflowId: string): Promise<void> {
  const [agent] = (await fixture.tree(workflowId)).agents;
  const agentId = agent?.id ?? '';
  const message = {
    id: randomUUID(),
    senderAgentId: agentId,
    receiverAgentId: agentId,
    messageType: 'notification' as const,
    content: { text: 'The shop closes at eight.' },
  };
  const sent = await fixture.database.transaction((tx) =>
    fixture.nyx.app.get(Communications).send(tx, { workflowId }, message),
  );
  expect(sent).toBe(true);
}

describe('the conversation of an agent', () => {
  it.each<[string, Rule[]]>([
    ['that uses tools', [asks, asks, answers]],
    ['whose first answer was in vain', [inVain, asks, asks, answers]],
    ['whose answer in its second turn was in vain', [asks, inVain, asks, answers]],
    ['that had answers in vain in every turn', [inVain, asks, inVain, asks, answers]],
    ['that is told something between two turns', [told(asks), asks, answers]],
    ['that is told something after an answer in vain', [told(inVain), asks, asks, answers]],
    ['that is told something before an answer in vain', [told(asks), inVain, asks, answers]],
    ['that is told something between two tries of its second turn', [asks, told(inVain), asks, asks, answers]],
  ])('%s stays as it was sent', async (_which, rules) => {
    fixture.model.script(...rules.map((rule) => ({ ...rule, times: 1 })).reverse());
    const id = await fixture.accept('What do I need?', strategy('direct_execution'));
    const heldAt = rules.findIndex(({ hold }) => hold !== undefined);
    if (heldAt >= 0) {
      await fixture.model.waitFor(heldAt + 1);
      await tell(id);
      fixture.model.release('told');
    }
    expect(await fixture.ended(id)).toMatchObject({ success: true, result: { content: 'Buy milk.' } });
    const bodies = fixture.model.requests.map(({ body }) => plain(body));
    expect(bodies).toHaveLength(rules.length);
    expect(JSON.stringify(bodies.at(-1)).split('The shop closes at eight.').length - 1).toBe(heldAt >= 0 ? 1 : 0);
    for (const [index, { system, tools, messages }] of bodies.entries()) {
      // An answer in vain is no part of it, so what its request ended with may change.
      const kept = rules[index]?.stopReason === undefined ? messages : messages.slice(0, -1);
      for (const later of bodies.slice(index + 1)) {
        expect(later.messages.slice(0, kept.length)).toEqual(kept);
        expect([later.system, later.tools]).toEqual([system, tools]);
      }
    }
  });
});
