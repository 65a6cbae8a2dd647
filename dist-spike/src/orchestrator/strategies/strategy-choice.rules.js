/** The strategies this release runs. */
export const RUNNABLE_STRATEGIES = ['direct_execution', 'sequential_decomposition', 'parallel_execution'];
/** The order of domain.md among the strategies that can run; every answer says why. */
export function chooseStrategy(settings, complexity) {
    const explicit = RUNNABLE_STRATEGIES.find((strategy) => strategy === settings.strategy);
    if (explicit !== undefined)
        return { strategy: explicit, reasons: ['the request asks for it'] };
    if (complexity.decomposition_needed) {
        return {
            strategy: 'parallel_execution',
            reasons: [`decomposition is needed: overall ${complexity.overall}, scope ${complexity.scope}, coordination ${complexity.coordination}`],
        };
    }
    if (settings.optimizationFocus === 'speed')
        return { strategy: 'parallel_execution', reasons: ['the focus is on speed'] };
    if (complexity.overall === 'low')
        return { strategy: 'direct_execution', reasons: ['overall complexity is low'] };
    return { strategy: 'sequential_decomposition', reasons: [`overall complexity is ${complexity.overall}`] };
}
//# sourceMappingURL=strategy-choice.rules.js.map