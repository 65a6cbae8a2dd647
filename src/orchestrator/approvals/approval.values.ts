export const APPROVAL_KINDS = ['tool_call', 'human_review'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/** `expired`: nobody answered in time, or the workflow ended before. */
export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'expired'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const DECISIONS = ['approve', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];
