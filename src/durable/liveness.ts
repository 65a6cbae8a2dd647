/** A replica that has not beaten for longer counts as gone, whether it is or not: the others take over what it had. */
export const SILENT_AFTER_SECONDS = 15;

/** Whether a row of `executors` was beaten for lately enough, as SQL: by the clock that wrote the beat, at the moment the row is looked at. */
export const isSeen = (column = 'last_beat_at'): string =>
  `${column} >= clock_timestamp() - interval '${SILENT_AFTER_SECONDS} seconds'`;
