import { type ErrorCode, Problem } from '../../http/problem.js';
import { WorkspaceError, type WorkspaceErrorCode } from './workspace-error.js';

const CODES: Readonly<Record<WorkspaceErrorCode, ErrorCode>> = {
  outside_workspace: 'TOOL_REFUSED',
  symbolic_link: 'TOOL_REFUSED',
  hard_link: 'TOOL_REFUSED',
  special_file: 'TOOL_REFUSED',
  invalid_path: 'TOOL_REFUSED',
  not_found: 'NOT_FOUND',
  exists: 'CONFLICT',
  is_directory: 'CONFLICT',
  not_directory: 'CONFLICT',
  not_empty: 'CONFLICT',
  not_permitted: 'CONFLICT',
  too_large: 'PAYLOAD_TOO_LARGE',
  no_space: 'OVERLOADED',
};

/** What a caller of the API hears of what the workspace said; other errors as they are. Refusals name their `rule`. */
export function workspaceProblem(error: unknown): unknown {
  if (!(error instanceof WorkspaceError)) return error;
  const code = CODES[error.code];
  const extensions = code === 'TOOL_REFUSED' ? { rule: error.code } : undefined;
  return new Problem(code, error.message, { extensions, cause: error });
}
