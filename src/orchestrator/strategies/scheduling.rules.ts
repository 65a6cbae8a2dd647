/** One subtask of a plan, as what decides when it starts needs it. */
export interface Schedulable {
  readonly thoughtId: string;
  /** Thought ids. */
  readonly dependencies: readonly string[];
}

export interface Places {
  /** Agents that may work at once; may change while a plan runs. */
  readonly atOnce: number;
  /** Held by what runs. */
  readonly taken: number;
}

/** What starts now, and how many agents may work under it at once. */
export interface Start<Subtask extends Schedulable> {
  readonly subtask: Subtask;
  readonly agents: number;
}

/**
 * Which of the subtasks that wait start now, in the plan's order: those whose dependencies have ended, as long as there are places.
 * One agent does a plain subtask. What is left over is divided among those that are decomposed, so that all agents under them
 * together never pass `atOnce`. Never nothing while something waits and nothing runs.
 */
export function startable<Subtask extends Schedulable>(
  waiting: readonly Subtask[],
  ended: ReadonlySet<string>,
  { atOnce, taken }: Places,
  isDecomposed: (subtask: Subtask) => boolean = () => false,
): Start<Subtask>[] {
  const limit = Math.max(1, Math.floor(atOnce));
  const ready = waiting
    .filter(({ dependencies }) => dependencies.every((id) => ended.has(id)))
    .slice(0, Math.max(0, limit - taken));
  const decomposed = ready.filter(isDecomposed).length;
  const spare = limit - taken - ready.length;
  let turn = 0;
  return ready.map((subtask) => {
    if (!isDecomposed(subtask)) return { subtask, agents: 1 };
    const more = Math.floor(spare / decomposed) + (turn < spare % decomposed ? 1 : 0);
    turn += 1;
    return { subtask, agents: 1 + more };
  });
}
