export const OVERALL_STATUSES = ['healthy', 'degraded', 'unhealthy'];
const isWell = ({ health }) => health.status === 'healthy';
const weighed = (checked) => checked.filter(({ component }) => component.importance !== 'optional');
const isFatal = ({ component, health }) => component.importance === 'essential' && health.status !== 'healthy' && health.status !== 'degraded';
/** Unhealthy when an essential part is down, degraded when anything but an optional part is not well. */
export function overallStatus(checked) {
    if (checked.some(isFatal))
        return 'unhealthy';
    return weighed(checked).every(isWell) ? 'healthy' : 'degraded';
}
/** The complaint of the first part that weighs most; undefined when all is well. */
export function complaintOf(checked) {
    const unwell = weighed(checked).filter((part) => !isWell(part));
    return (unwell.find(isFatal) ?? unwell[0])?.component.complaint;
}
//# sourceMappingURL=health.rules.js.map