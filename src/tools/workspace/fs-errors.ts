import { codeOf } from '../../config/error-code.js';
import { shown } from './paths.rules.js';
import { WorkspaceError, type WorkspaceErrorCode } from './workspace-error.js';

const CODES: Readonly<Record<string, readonly [WorkspaceErrorCode, string]>> = {
  ENOENT: ['not_found', 'does not exist.'],
  EEXIST: ['exists', 'exists already.'],
  ENOTEMPTY: ['not_empty', 'is not empty.'],
  EISDIR: ['is_directory', 'is a folder.'],
  ENOTDIR: ['not_directory', 'is no folder.'],
  ELOOP: ['symbolic_link', 'is a symbolic link, and none is followed.'],
  ENAMETOOLONG: ['invalid_path', 'is too long.'],
  ENXIO: ['special_file', 'is no regular file.'],
  ENODEV: ['special_file', 'is no regular file.'],
  EOPNOTSUPP: ['special_file', 'is no regular file.'],
  EFBIG: ['too_large', 'would be larger than a file can be.'],
  ENOSPC: ['no_space', 'has no space left where it is.'],
  EDQUOT: ['no_space', 'has no space left where it is.'],
  EMLINK: ['no_space', 'is in a folder that takes no more folders.'],
  EACCES: ['not_permitted', 'may not be touched by NYX: the file system does not permit it.'],
  EPERM: ['not_permitted', 'may not be touched by NYX: the file system does not permit it.'],
  EROFS: ['not_permitted', 'is where nothing can be written.'],
  EBUSY: ['not_permitted', 'is in use by the system.'],
  ETXTBSY: ['not_permitted', 'is being run.'],
  EXDEV: ['not_permitted', 'is on another file system than where it shall go.'],
};

/** What the system said about `path`, without its own words: those name the host's folders. What has no code of ours stays a plain error. */
export function fileError(error: unknown, path: string): Error {
  if (error instanceof WorkspaceError) return error;
  const known = CODES[codeOf(error) ?? ''];
  if (known) return new WorkspaceError(known[0], `${shown(path)} ${known[1]}`);
  return new Error('The file system failed in a way nobody foresaw.', { cause: error });
}
