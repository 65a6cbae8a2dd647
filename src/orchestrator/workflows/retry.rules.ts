import type { RecordedFunction, RecordedStep } from '../../durable/rewind.service.js';

/** Steps that write that something went wrong. */
const SAYS_FAILED = /:(failed|unusable|skipped)$/;
/**
 * What goes wrong with a tool or a question to people is an outcome the agent goes on with, and without an answer about its
 * complexity a workflow goes on by the rules. The members of a council are asked after its row is there.
 */
const PASSED_OVER = /^DBOS\.|^complexity(:|$)|:(tool|approval)-\d+$|^council:.*:convene$/;
/** Nobody looked in time: somebody may now. */
const HUMAN_REVIEW = 'human-review';
const COUNCIL_END = /^(council:[^:]+:)end$/;

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
    if (each.childId !== null || PASSED_OVER.test(each.name)) continue;
    const work = workOf(each.name);
    firsts.set(work, hasFailed(each) ? (firsts.get(work) ?? each.step) : undefined);
  }
  for (const { name, output } of steps) {
    const council = COUNCIL_END.exec(name)?.[1];
    if (council === undefined) continue;
    const asked = steps.filter((each) => each.name.startsWith(council) && !PASSED_OVER.test(each.name));
    const failed = isJson(output) && output.ok === false ? (asked.find(hasFailed) ?? asked[0]) : undefined;
    firsts.set(council, failed?.step);
  }
  return [...firsts.values()].filter((step) => step !== undefined);
}

/** A council's members are one piece of work: some may fail, and its last step says what came of it. */
const workOf = (name: string): string => /^council:[^:]+:/.exec(name)?.[0] ?? name.split(':')[0] ?? '';

function hasFailed({ name, output, hasThrown }: RecordedStep): boolean {
  if (hasThrown || SAYS_FAILED.test(name)) return true;
  if (!isJson(output)) return false;
  if ('problem' in output || 'unmet' in output) return true;
  const { value } = output;
  if (!isJson(value)) return false;
  if (name === HUMAN_REVIEW && value.status === 'expired') return true;
  const outcome = isJson(value.outcome) ? value.outcome : value;
  return outcome.ok === false || ['unmet', 'mistakes', 'inVain'].some((sign) => sign in value);
}

function isSettled({ input }: RecordedFunction, settledThoughts: ReadonlySet<string>): boolean {
  const thought = isJson(input) ? input.thought : undefined;
  const id = isJson(thought) ? thought.thoughtId : undefined;
  return typeof id === 'string' && settledThoughts.has(id);
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
