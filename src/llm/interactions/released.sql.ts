const RELEASED = `error_code = 'RELEASED'`;

/** The answer of a call that an admin released may still come, but no call takes longer than this. */
export const RELEASED_LATELY = `(${RELEASED} AND response_timestamp > now() - interval '1 day')`;

/** Whether a call that ended stays as it is. A day lies between the two: what is final is never being answered at that moment. */
export const FINAL = `(${RELEASED} AND response_timestamp < now() - interval '2 days' OR error_code IS DISTINCT FROM 'RELEASED')`;
