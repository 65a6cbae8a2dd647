/** What was looked at, whether NYX can work with it, and one or more sentences: what is, and what to do where that is not good. */
export interface Finding {
  readonly what: string;
  /** `note`: NYX works, but somebody should know. */
  readonly state: 'good' | 'note' | 'wrong';
  readonly says: string;
}

export const good = (what: string, says: string): Finding => ({ what, state: 'good', says });
export const note = (what: string, says: string): Finding => ({ what, state: 'note', says });
export const wrong = (what: string, says: string): Finding => ({ what, state: 'wrong', says });
