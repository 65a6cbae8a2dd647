import { recordedFunctions, type FunctionRow, type StepRow } from '../../src/durable/rewind.rules.js';

const row = (id: string, more: Partial<FunctionRow> = {}): FunctionRow => ({
  id,
  status: 'SUCCESS',
  inputs: null,
  ...more,
});
const step = (id: string, number: number, more: Partial<StepRow> = {}): StepRow => ({
  id,
  step: number,
  name: 'work',
  childId: null,
  output: null,
  hasThrown: false,
  ...more,
});

it('gives each function its input and its steps, in order', () => {
  const functions = [row('top', { inputs: '{"json":[{"goal":"all"}]}' }), row('part', { status: 'ERROR' })];
  const steps = [
    step('part', 0, { hasThrown: true }),
    step('top', 0, { output: '{"json":{"value":1}}' }),
    step('top', 1),
  ];
  const plain = { name: 'work', childId: null, hasThrown: false };
  expect(recordedFunctions(functions, steps)).toEqual([
    {
      id: 'top',
      hasSucceeded: true,
      input: { goal: 'all' },
      steps: [
        { ...plain, step: 0, output: { value: 1 } },
        { ...plain, step: 1, output: undefined },
      ],
    },
    {
      id: 'part',
      hasSucceeded: false,
      input: undefined,
      steps: [{ ...plain, step: 0, hasThrown: true, output: undefined }],
    },
  ]);
});

it('looks at each step once, however many functions there are', () => {
  let looks = 0;
  const counted = (id: string): StepRow => ({
    ...step(id, 0),
    get id() {
      looks += 1;
      return id;
    },
  });
  const functions = Array.from({ length: 1000 }, (_, index) => row(`fn-${index}`));
  const recorded = recordedFunctions(
    functions,
    functions.map(({ id }) => counted(id)),
  );
  expect(recorded.filter(({ steps }) => steps.length === 1)).toHaveLength(1000);
  expect(looks).toBe(1000);
});
