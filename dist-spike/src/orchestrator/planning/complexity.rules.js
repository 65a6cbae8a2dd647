/** Rules of domain.md, "Complexity". */
export function assessComplexity({ inputType, brief, settings, urgency }) {
    const byCount = (count) => (count > 5 ? 'high' : count > 2 ? 'medium' : 'low');
    const saysComplex = brief.technicalRequirements.some((requirement) => /\bcomplex/i.test(requirement));
    const pressing = urgency === 'critical' ? 'high' : urgency === 'high' ? 'medium' : 'low';
    const strict = settings.validationLevel === 'strict' || settings.validationLevel === 'critical';
    const dimensions = {
        cognitive: cognitiveLevel(inputType, brief.objective),
        technical: saysComplex ? 'high' : byCount(brief.technicalRequirements.length),
        coordination: byCount(brief.deliverables.length),
        data: 'low',
        time_sensitivity: pressing,
        quality: strict ? 'high' : settings.validationLevel === 'standard' ? 'medium' : 'low',
        scope: byCount(brief.deliverables.length),
        risk: pressing,
    };
    const overall = overallLevel(dimensions);
    return {
        ...dimensions,
        overall,
        decomposition_needed: [overall, dimensions.scope, dimensions.coordination].some(isHigh),
    };
}
function cognitiveLevel(inputType, objective) {
    if (inputType === 'goal_workflow')
        return 'high';
    const words = objective.trim().split(/\s+/).length;
    const isPlainQuestion = /^[^.?!\n]{1,200}\?$/.test(objective.trim());
    return words <= 8 || isPlainQuestion ? 'low' : 'medium';
}
/** Over all dimensions but time and quality. */
function overallLevel(dimensions) {
    const { cognitive, technical, coordination, data, scope, risk } = dimensions;
    const levels = [cognitive, technical, coordination, data, scope, risk];
    const count = (level) => levels.filter((each) => each === level).length;
    if (count('critical') >= 1 || count('high') >= 4)
        return 'critical';
    if (count('high') >= 2)
        return 'high';
    if (count('high') >= 1 || count('medium') >= 4)
        return 'medium';
    return 'low';
}
const isHigh = (level) => level === 'high' || level === 'critical';
//# sourceMappingURL=complexity.rules.js.map