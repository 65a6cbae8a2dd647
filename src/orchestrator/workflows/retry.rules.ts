import type { RecordedFunction, RecordedStep } from '../../durable/rewind.service.js';

/** Steps that write that something went wrong. */
const SAYS_FAILED = /:(failed|unusable|skipped)$/;
/** What goes wrong with a tool or a question to people is an outcome the agent goes on with. */
const OF_A_CALL = /:(tool|approval)-\d+$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * From which step on each function of a failed workflow has to run again, by its id: the first step of what failed in the end, or the
 * start of a function that failed. What was tried again and went well is left alone, and so is a subtask that has its result.
 * Empty when no step failed.
 */
export function cutsOf(
  functions: readonly RecordedFunction[],
  settledThoughts: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const [top] = functions;
  const byId = new Map(functions.map((each) => [each.id, each]));
  const cuts = new Map<string, number>();
  const visit = (fn: RecordedFunction): boolean => {
    if (fn !== top && isSettled(fn, settledThoughts)) return false;
    const failed = failedSteps(fn);
    for (const { childId, step } of fn.steps) {
      const child = childId === null ? undefined : byId.get(childId);
      if (child !== undefined && (cuts.has(child.id) || visit(child))) failed.push(step);
    }
    if (failed.length === 0 && fn.hasSucceeded) return false;
    cuts.set(fn.id, failed.length > 0 ? Math.min(...failed) : (fn.steps.at(-1)?.step ?? -1) + 1);
    return true;
  };
  if (top !== undefined) visit(top);
  return cuts;
}

/** The first of the failures that each piece of work of a function ended with. */
function failedSteps({ steps }: RecordedFunction): number[] {
  const firsts = new Map<string, number | undefined>();
  for (const each of steps) {
    const work = each.name.split(':')[0] ?? '';
    if (each.childId !== null || each.name.startsWith('DBOS.') || OF_A_CALL.test(each.name)) continue;
    firsts.set(work, hasFailed(each) ? (firsts.get(work) ?? each.step) : undefined);
  }
  return [...firsts.values()].filter((step) => step !== undefined);
}

function hasFailed({ name, output, hasThrown }: RecordedStep): boolean {
  if (hasThrown || SAYS_FAILED.test(name)) return true;
  if (!isJson(output)) return false;
  if ('problem' in output) return true;
  const { value } = output;
  if (!isJson(value)) return false;
  const outcome = isJson(value.outcome) ? value.outcome : value;
  return outcome.ok === false || 'unmet' in value || 'mistakes' in value;
}

function isSettled({ input }: RecordedFunction, settledThoughts: ReadonlySet<string>): boolean {
  const thought = isJson(input) ? input.thought : undefined;
  const id = isJson(thought) ? thought.thoughtId : undefined;
  return typeof id === 'string' && settledThoughts.has(id);
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
