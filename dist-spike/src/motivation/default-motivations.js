/** The six that NYX has of its own. */
export const DEFAULT_MOTIVATIONS = [
    {
        motivationType: 'resolve_unfinished_tasks',
        urgency: 0,
        satisfaction: 0.5,
        decayRate: 0.02,
        boostFactor: 1.2,
        maxUrgency: 0.9,
    },
    {
        motivationType: 'refine_low_confidence',
        urgency: 0,
        satisfaction: 0.7,
        decayRate: 0.05,
        boostFactor: 1.1,
        maxUrgency: 1,
    },
    {
        motivationType: 'explore_recent_failure',
        urgency: 0,
        satisfaction: 0.4,
        decayRate: 0.1,
        boostFactor: 1.3,
        maxUrgency: 0.85,
    },
    {
        motivationType: 'maximize_coverage',
        urgency: 0.1,
        satisfaction: 0.6,
        decayRate: 0.01,
        boostFactor: 1,
        maxUrgency: 1,
    },
    {
        motivationType: 'revisit_old_thoughts',
        urgency: 0.05,
        satisfaction: 0.8,
        decayRate: 0.03,
        boostFactor: 1.1,
        maxUrgency: 1,
    },
    {
        motivationType: 'idle_exploration',
        urgency: 0,
        satisfaction: 0.9,
        decayRate: 0.02,
        boostFactor: 1.5,
        maxUrgency: 1,
    },
];
//# sourceMappingURL=default-motivations.js.map