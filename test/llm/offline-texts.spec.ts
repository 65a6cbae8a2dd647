import { OFFLINE_HEADER } from '../../src/llm/providers/offline/offline-header.js';
import { briefOf, prompts } from './workflow-prompts.js';
import { ask } from './offline-asking.js';

const TEA = [
  'Tea is a drink.',
  'Tea comes from China and is drunk in many countries.',
  'Green tea has less caffeine than black tea.',
  'My cat is called Bob.',
  'Black tea is oxidised tea.',
  'The weather was nice.',
  'Countries like England drink black tea with milk.',
];
const text = TEA.join(' ');

/** The sentences of the extract, in the order of the answer. */
async function extractOf(prompt: string, system?: string): Promise<string[]> {
  const { text: answer } = await ask(prompt, { system });
  const [header, asked, note, extract = ''] = answer.split('\n\n');
  expect(header).toBe(OFFLINE_HEADER);
  expect(asked).toMatch(/^Asked: /);
  const sentences = TEA.filter((sentence) => extract.includes(sentence));
  expect(note).toBe(`[An extract: ${sentences.length} of 7 sentences, word for word]`);
  expect(extract).toBe(sentences.join(' '));
  return sentences;
}

describe('a summary', () => {
  it.each([
    ['a document', `<document>\n${text}\n</document>\nSummarise the document.`, 3],
    ['a number of sentences', `Summarise the following text in two sentences:\n\n${text}`, 2],
    ['a number in German', `Fasse den Text in einem Satz zusammen: ${text}`, 1],
    ['a text before the request', `${text}\n\nTL;DR in four sentences.`, 4],
    ['the results of others', `<result>\n${text}\n</result>\n<subtask>\nSum it all up.\n</subtask>`, 3],
  ])('is made of %s', async (_, prompt, count) => {
    const sentences = await extractOf(prompt);
    expect(sentences).toHaveLength(count);
    expect(sentences).not.toContain('My cat is called Bob.');
    expect(sentences).not.toContain('The weather was nice.');
  });

  it('is made where the system asks for it', async () => {
    expect(await extractOf(text, 'Answer with a summary.')).toHaveLength(3);
  });

  it('keeps to a number of words', async () => {
    const { text: answer } = await ask(`<document>${text}</document>\nSummarise in 12 words.`);
    expect((answer.split(']\n\n')[2] ?? '').split(' ').length).toBeLessThanOrEqual(12);
  });

  it('stays short for a long document', async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `Part ${index} tells of tea and of place ${index % 7}.`);
    const { text: answer } = await ask(`Summarise:\n\n${long.join(' ')}`);
    expect(answer).toContain('[An extract: 5 of 3000 sentences, word for word]');
    expect(answer.length).toBeLessThan(1000);
  });

  it('of nothing says back what was asked', async () => {
    expect((await ask('Summarise.')).text).toBe(`${OFFLINE_HEADER}\n\nAsked: Summarise.`);
  });
});

describe('what rules cannot do', () => {
  it.each([
    ['Translate the document into French.', 'translate'],
    ['Übersetze das Dokument ins Englische.', 'translate'],
    ['Rewrite it politely.', 'rewrite'],
    ['Extract all names.', 'extract what is meant'],
    ['Write a small function for it.', 'write code'],
  ])('is said, with an extract: %s', async (request, verb) => {
    const { text: answer } = await ask(`<document>Tea is old. It is green.</document>\n${request}`);
    expect(answer).toBe(
      `${OFFLINE_HEADER}\n\nAsked: ${request}\n\n[Rules cannot ${verb}. What follows is an extract of what was given.]\n\n- Tea is old.\n- It is green.`,
    );
  });

  it('is said where there is nothing to extract', async () => {
    expect((await ask('Translate "tea".')).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: Translate "tea".\n\n[Rules cannot translate.]`,
    );
  });
});

describe('other texts', () => {
  const brief = briefOf({ objective: 'Compare tea and coffee.' }, { user_context: { a: 1 } });

  it('say that they are offline, what was asked, and what there is to say', async () => {
    const { prompt, sharedContext } = prompts.subtask(
      brief,
      { title: 'Look at tea', instructions: 'Tea has less caffeine. It is older.', kind: 'content_analysis' },
      [],
    );
    expect((await ask(prompt, { sharedContext })).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: Look at tea\n\n- Tea has less caffeine.\n- It is older.`,
    );
  });

  it('bring results together, without what only says how those were made', async () => {
    const tea = `${OFFLINE_HEADER}\n\nAsked: Look at tea\n\n[Rules cannot translate.]\n\n- Tea has less caffeine.\n- It is older.`;
    const results = [
      { title: 'Tea', content: tea },
      { title: 'Coffee', content: 'Coffee is bitter.' },
    ];
    const { prompt, system, sharedContext } = prompts.synthesis(brief, results, []);
    expect((await ask(prompt, { system, sharedContext })).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: Compare tea and coffee.\n\n- Tea: Tea has less caffeine. It is older.\n- Coffee: Coffee is bitter.\n\n<confidence>0.6</confidence>`,
    );
  });

  it('show the line that introduces a list as what was asked', async () => {
    expect((await ask('Choose a drink:\n- Look at tea.\n- Look at coffee.')).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: Choose a drink\n\n- Look at tea.\n- Look at coffee.`,
    );
  });

  it('are made of what a tool found', async () => {
    const result = { success: true, execution_id: 'abc', output: { content: 'Buy milk.\nCall Bob.' } };
    const prompt = `<task>What does notes.txt say?</task>\n<tool_result name="file_operations">${JSON.stringify(result)}</tool_result>`;
    expect((await ask(prompt)).text).toBe(
      `${OFFLINE_HEADER}\n\nAsked: What does notes.txt say?\n\n- Buy milk.\n- Call Bob.`,
    );
  });
});
