/** `begun` is written before an act, so that one whose process dies in it is on record; its end follows under the same request id. */
export const AUDIT_OUTCOMES = ['begun', 'done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];
