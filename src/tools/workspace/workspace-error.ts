/** What the workspace says no to. The first five are attempts to get out and are refusals of the tool; the rest are failures. */
export type WorkspaceErrorCode =
  | 'outside_workspace'
  | 'symbolic_link'
  | 'hard_link'
  | 'special_file'
  | 'invalid_path'
  | 'not_found'
  | 'exists'
  | 'is_directory'
  | 'not_directory'
  | 'not_empty'
  | 'too_large'
  | 'no_space'
  | 'not_permitted';

export class WorkspaceError extends Error {
  constructor(
    readonly code: WorkspaceErrorCode,
    /** One sentence that names the path as it was given. */
    message: string,
  ) {
    super(message);
    this.name = 'WorkspaceError';
  }
}

export const isRefusal = (error: unknown, ...codes: readonly WorkspaceErrorCode[]): error is WorkspaceError =>
  error instanceof WorkspaceError && codes.includes(error.code);
