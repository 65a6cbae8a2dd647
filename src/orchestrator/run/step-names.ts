/**
 * How steps are named of which a retry has to know what they did (`workflows/retry.rules.ts`). The names stand in checkpoints: beside one
 * that is changed here its old form has to be known for as long as workflows are kept that ran under it.
 */
export const COMPLEXITY = 'complexity';
export const MEMORY = 'memory';
/** Without a summary of what is remembered, and with it. */
export const PLAN = 'plan';
export const PLAN_RECALLED = 'plan:recalled';
export const PLAN_WRITE = 'plan:write';
export const HUMAN_REVIEW = 'human-review';
/** The first attempt at a subtask. */
export const SUBTASK = 'subtask';
/** A function: the subtask that an agent asked for. */
export const SPAWNED_SUBTASK = 'spawned-subtask';

/** The council of the strategy, and the one about the pace of a workflow. */
export const APPROACH_COUNCIL = 'approach';
export const PACE_COUNCIL = 'review';

export const subtaskStep = (attempt: number): string => (attempt === 1 ? SUBTASK : `subtask-again-${attempt}`);
export const recoveryStep = (attempt: number): string => `recovery-${attempt}`;
/** Of every thought and attempt another one; short, because the purposes of its calls begin with it. */
export const recoveryCouncil = (thoughtId: string, attempt: number): string =>
  `failed-${thoughtId.slice(0, 8)}-${attempt}`;
/** Whether a step is part of a subtask that its function does itself. */
export const isOfSubtask = (name: string): boolean =>
  /^(subtask|recovery)\b|^council:failed-/.test(name) || name === SPAWNED_SUBTASK;

/** The end that a pause may hold off until the next attempt. */
export const endStep = (attempt: number): string => (attempt === 1 ? 'end' : `end-${attempt}`);
export const isEndStep = (name: string): boolean => /^end(-\d+)?$/.test(name);

/** Steps that write that something went wrong. */
export const failedStep = (purpose: string): string => `${purpose}:failed`;
export const unusableStep = (purpose: string): string => `${purpose}:unusable`;
export const skippedStep = (purpose: string): string => `${purpose}:skipped`;
export const saysFailed = (name: string): boolean => /:(failed|unusable|skipped)$/.test(name);

/** `call` counts from 1, within its turn. */
export const toolStep = (purpose: string, call: number): string => `${purpose}:tool-${call}`;
export const approvalStep = (purpose: string, call: number): string => `${purpose}:approval-${call}`;
export const spawnStep = (purpose: string): string => `${purpose}:spawn`;
export const spawnedStep = (purpose: string): string => `${purpose}:spawned`;
/** Whether a step does what an agent's turn asked for. */
export const isOfTurn = (name: string): boolean => /:((tool|approval)-\d+|spawn|spawned)$/.test(name);

/** What the names of a council's steps begin with. */
export const councilSteps = (council: string): string => `council:${council}`;
export const conveneStep = (council: string): string => `${councilSteps(council)}:convene`;
export const isConveneStep = (name: string): boolean => /^council:.*:convene$/.test(name);
export const councilEndStep = (council: string): string => `${councilSteps(council)}:end`;
export const councilOf = (name: string): string | undefined => /^council:([^:]+):/.exec(name)?.[1];

/** What the names of all steps of one piece of work begin with: `plan` of `plan:repair-1:try-2`. */
export const pieceOf = (name: string): string => name.split(':')[0] ?? name;
