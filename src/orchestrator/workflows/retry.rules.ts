import { storableText } from '../../database/storable.js';
import type { RecordedFunction, RecordedStep } from '../../durable/rewind.rules.js';
import {
  COMPLEXITY,
  councilEndStep,
  councilOf,
  councilSteps,
  HUMAN_REVIEW,
  isConveneStep,
  isEndStep,
  isOfSubtask,
  isOfTurn,
  MEMORY,
  PACE_COUNCIL,
  pieceOf,
  PLAN,
  PLAN_RECALLED,
  PLAN_WRITE,
  saysFailed,
  SPAWNED_SUBTASK,
  SUBTASK,
  unusableStep,
} from '../run/step-names.js';

/**
 * Steps whose failure is no reason to run them again, for the run went on without them: tools, approvals and subtasks of an agent's turn,
 * of which its model was told; the complexity question, the summary of memories, the council on the pace; DBOS' own steps, and the one that
 * convenes a council, which asks nobody. A step that threw is never passed over: it ended its function, and its checkpoint throws again.
 */
const isPassedOver = ({ name, hasThrown }: RecordedStep): boolean =>
  !hasThrown &&
  (name.startsWith('DBOS.') ||
    [COMPLEXITY, MEMORY].includes(pieceOf(name)) ||
    isOfTurn(name) ||
    isConveneStep(name) ||
    councilOf(name) === PACE_COUNCIL);
/** No usable plan means direct execution: what that brought is what counts. */
const GOES_ON_WITHOUT = [PLAN, PLAN_RECALLED].map(unusableStep);

type Json = Readonly<Record<string, unknown>>;
type Cuts = ReadonlyMap<string, number>;

interface WorkStep extends RecordedStep {
  /** Of the subtask that it is part of, where the function did several. */
  readonly thoughtId?: string;
}

/** Where a piece of work began to fail, and what failed below it. */
interface Failed {
  readonly first: number;
  readonly below: Cuts[];
}

/**
 * From which step on each function of a failed workflow has to run again, by its id: the first step of what failed in the end, or the
 * start of a function that failed. What was tried again and went well is left alone, and so is a subtask that has its result.
 * Empty when no step failed.
 */
export function cutsOf(functions: readonly RecordedFunction[], settledThoughts: ReadonlySet<string>): Cuts {
  const [top] = functions;
  const byId = new Map(functions.map((each) => [each.id, each]));
  const visit = (fn: RecordedFunction): Cuts => {
    if (fn !== top && isSettled(fn, settledThoughts)) return new Map();
    const failures = failuresOf(fn, settledThoughts, (childId) => {
      const child = byId.get(childId);
      return child === undefined ? new Map() : visit(child);
    });
    if (failures.length === 0 && (fn.hasSucceeded || hasEndedWorkflow(fn))) return new Map();
    const first = Math.min(...failures.map((each) => each.first));
    const cut = failures.length > 0 ? first : (fn.steps.at(-1)?.step ?? -1) + 1;
    return new Map([[fn.id, cut], ...failures.flatMap(({ below }) => below.flatMap((cuts) => [...cuts]))]);
  };
  return top === undefined ? new Map() : visit(top);
}

/** The warnings of a workflow without those that steps wrote which run again: they will say so again, where it is still so. */
export function warningsLeft(
  warnings: readonly string[],
  functions: readonly RecordedFunction[],
  cuts: Cuts,
): readonly string[] {
  const again = functions.flatMap(({ id, steps }) => steps.filter(({ step }) => step >= (cuts.get(id) ?? Infinity)));
  const repeated = new Map<string, number>();
  for (const text of again.flatMap(({ output }) => warningsIn(output))) {
    const kept = storableText(text);
    repeated.set(kept, (repeated.get(kept) ?? 0) + 1);
  }
  const isLeft = (text: string): boolean => {
    const times = repeated.get(text) ?? 0;
    repeated.set(text, times - 1);
    return times <= 0;
  };
  // The last ones of a text are those that are written again.
  return warnings.toReversed().filter(isLeft).toReversed();
}

/** The failures that the pieces of work of a function ended with. */
function failuresOf(
  fn: RecordedFunction,
  settledThoughts: ReadonlySet<string>,
  cutsBelow: (childId: string) => Cuts,
): Failed[] {
  const failures = new Map<string, Failed>();
  const fail = (work: string, first: number, below: Cuts = new Map()): void => {
    const failed = failures.get(work) ?? { first, below: [] };
    failed.below.push(below);
    failures.set(work, failed);
  };
  const steps = unsettledSteps(fn, settledThoughts);
  let work = '';
  for (const each of steps) {
    if (each.childId !== null) {
      const below = cutsBelow(each.childId);
      if (below.size > 0) fail(each.name === SPAWNED_SUBTASK ? work : each.childId, each.step, below);
      continue;
    }
    if (isPassedOver(each)) continue;
    work = workOf(each);
    if (hasFailed(each) && !GOES_ON_WITHOUT.includes(each.name)) fail(work, each.step);
    else failures.delete(work);
  }
  for (const [council, asked] of councilsOf(steps)) {
    const end = asked.findLast(({ name }) => name === councilEndStep(council));
    if (end === undefined || end.hasThrown) continue;
    const piece = councilSteps(council);
    failures.delete(piece);
    if (!isJson(end.output) || end.output.ok !== false) continue;
    const first = asked.find(hasFailed) ?? asked[0];
    if (first !== undefined) fail(piece, first.step);
  }
  return [...failures.values()];
}

/** What the members of each council were asked, and its end. */
function councilsOf(steps: readonly WorkStep[]): Map<string, WorkStep[]> {
  const councils = new Map<string, WorkStep[]>();
  for (const each of steps) {
    const council = councilOf(each.name);
    if (council === undefined || isPassedOver(each)) continue;
    const asked = councils.get(council) ?? [];
    asked.push(each);
    councils.set(council, asked);
  }
  return councils;
}

/** The steps of a function without those of subtasks that it did itself and that are settled. */
function unsettledSteps({ steps }: RecordedFunction, settledThoughts: ReadonlySet<string>): WorkStep[] {
  let planned: readonly string[] = [];
  let begun = 0;
  let thoughtId: string | undefined;
  return steps.flatMap((each) => {
    if (each.name === PLAN_WRITE) planned = thoughtIdsIn(each.output);
    if (each.name === SUBTASK) thoughtId = planned[begun++];
    if (thoughtId === undefined || !isOfSubtask(each.name)) return [each];
    return settledThoughts.has(thoughtId) ? [] : [{ ...each, thoughtId }];
  });
}

/** A council's members are one piece of work: some may fail, and its last step says what came of it. */
function workOf({ name, thoughtId = '' }: WorkStep): string {
  const council = councilOf(name);
  return council === undefined ? `${thoughtId}/${pieceOf(name)}` : councilSteps(council);
}

function hasFailed({ name, output, hasThrown }: RecordedStep): boolean {
  if (hasThrown || saysFailed(name)) return true;
  if (!isJson(output)) return false;
  if ('problem' in output || 'unmet' in output) return true;
  const { value } = output;
  if (!isJson(value)) return false;
  // Nobody looked in time: somebody may now.
  if (name === HUMAN_REVIEW && value.status === 'expired') return true;
  const outcome = isJson(value.outcome) ? value.outcome : value;
  return outcome.ok === false || ['unmet', 'mistakes', 'inVain'].some((sign) => sign in value);
}

/** What is left then is the engine's word that the function has succeeded. */
function hasEndedWorkflow({ steps }: RecordedFunction): boolean {
  const last = steps.at(-1);
  if (last === undefined || last.hasThrown || !isEndStep(last.name)) return false;
  return !(isJson(last.output) && 'isHeld' in last.output);
}

function isSettled({ input }: RecordedFunction, settledThoughts: ReadonlySet<string>): boolean {
  const thought = isJson(input) ? input.thought : undefined;
  const id = isJson(thought) ? thought.thoughtId : undefined;
  return typeof id === 'string' && settledThoughts.has(id);
}

const thoughtIdsIn = (plan: unknown): string[] =>
  Array.isArray(plan) ? plan.flatMap((each: unknown) => (isJson(each) ? String(each.thoughtId) : [])) : [];

/** Steps that write warnings have them in their checkpoint. */
const warningsIn = (output: unknown): string[] =>
  isJson(output) && Array.isArray(output.warnings) ? output.warnings.map(String) : [];

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
