const START = {
    analysis: 0,
    planning: 5,
    strategy_selection: 8,
    executing: 10,
    finalizing: 90,
    learning: 98,
    completed: 100,
};
/** Percent done, 0..100: subtasks share the way from the plan to the synthesis. 100 only when the workflow has ended. */
export function progressPercentage(phase, subtasksDone, subtasks) {
    if (phase !== 'executing' || subtasks === 0)
        return START[phase];
    const share = (START.finalizing - START.executing) * (subtasksDone / subtasks);
    return Math.round((START.executing + share) * 100) / 100;
}
//# sourceMappingURL=progress.rules.js.map