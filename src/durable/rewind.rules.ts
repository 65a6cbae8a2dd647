/** A step of a durable function as its checkpoint keeps it. */
export interface RecordedStep {
  /** From 0 on. */
  readonly step: number;
  readonly name: string;
  /** The durable function that it started. */
  readonly childId: string | null;
  /** What an effect brought is in `value`, the problem it ended with in `problem`; a commit's is as it was returned. */
  readonly output: unknown;
  readonly hasThrown: boolean;
}

export interface RecordedFunction {
  readonly id: string;
  readonly hasSucceeded: boolean;
  readonly input: unknown;
  readonly steps: readonly RecordedStep[];
}

export interface FunctionRow {
  readonly id: string;
  readonly status: string;
  readonly inputs: string | null;
}

export interface StepRow extends Omit<RecordedStep, 'output'> {
  readonly id: string;
  readonly output: string | null;
}

/** Each function with its steps, both in the order given. A tree has tens of thousands of both, so each row is looked at once. */
export function recordedFunctions(functions: readonly FunctionRow[], steps: readonly StepRow[]): RecordedFunction[] {
  const stepsById = new Map<string, RecordedStep[]>(functions.map(({ id }) => [id, []]));
  for (const { id, ...step } of steps) stepsById.get(id)?.push({ ...step, output: parsed(step.output) });
  return functions.map(({ id, status, inputs }) => ({
    id,
    hasSucceeded: status === 'SUCCESS',
    input: (parsed(inputs) as unknown[] | undefined)?.[0],
    steps: stepsById.get(id) ?? [],
  }));
}

/** As DBOS serialises. */
const parsed = (text: string | null): unknown =>
  text === null ? undefined : (JSON.parse(text) as { readonly json?: unknown }).json;
