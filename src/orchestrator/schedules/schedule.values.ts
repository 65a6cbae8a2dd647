/** What becomes of the fires that fell into a time when no NYX ran. */
export const MISSED_FIRES = ['skip', 'run_once'] as const;
export type MissedFires = (typeof MISSED_FIRES)[number];
