import type { ParametersSchema } from '../../tool.js';
import { ENCODINGS, type EncodingName } from './encodings.rules.js';
import { MAX_DEPTH, MAX_ENTRIES } from './limits.js';
import { MAX_PATTERN_CHARS } from './pattern.rules.js';

export const FILE_OPERATIONS = [
  'read_file',
  'write_file',
  'list_directory',
  'search_files',
  'find_pattern',
  'analyze_codebase',
  'get_file_stats',
  'create_directory',
  'copy_file',
  'move_file',
  'delete_file',
] as const;
export type FileOperationName = (typeof FILE_OPERATIONS)[number];

/** As callers and models write them. A type and not an interface, so that it is a record of anything too. */
export type FileParameters = {
  readonly operation: FileOperationName;
  readonly path?: string;
  readonly content?: string;
  readonly destination?: string;
  readonly pattern?: string;
  readonly include?: string;
  readonly recursive?: boolean;
  readonly start_line?: number;
  readonly max_lines?: number;
  readonly max_depth?: number;
  readonly context_lines?: number;
  readonly case_sensitive?: boolean;
  readonly include_ignored?: boolean;
  readonly encoding?: EncodingName;
};

export const DEFAULT_LINES = 2000;
const MAX_LINES = 1_000_000;
const MAX_CONTEXT_LINES = 10;
const MAX_PATH_CHARS = 4096;

const path = (description: string) => ({ type: 'string', minLength: 1, maxLength: MAX_PATH_CHARS, description });
const whole = (minimum: number, maximum: number, description: string) => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});
const flag = (description: string) => ({ type: 'boolean', description });

export const fileParametersSchema: ParametersSchema = {
  type: 'object',
  required: ['operation'],
  properties: {
    operation: {
      type: 'string',
      enum: FILE_OPERATIONS,
      description:
        'read_file: lines of a text file. write_file: replaces or makes a file. list_directory: what is in a folder. ' +
        'search_files: files and folders by name. find_pattern: lines by what is in them. analyze_codebase: languages, sizes, ' +
        'largest files and dependencies. get_file_stats: type, size and time of one file or folder. create_directory: with its ' +
        'parents. copy_file, move_file: a file or folder to a place where nothing is yet. delete_file: into the trash.',
    },
    path: path(
      'What it is about, relative to the workspace, as "src/main.ts"; "." is the workspace. Needed by all but list_directory, search_files, find_pattern and analyze_codebase, which else take all of the workspace.',
    ),
    content: { type: 'string', description: 'write_file: the whole text of the file.' },
    destination: path('copy_file, move_file: the new path itself, not the folder to put it into.'),
    pattern: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_PATTERN_CHARS,
      description:
        'search_files: a glob, relative to path: "src/**/*.ts", "*.{md,txt}"; without "/" it is about names at any depth. ' +
        'find_pattern: a regular expression of RE2 for one line: "function\\s+\\w+"; no look-around, no back-references.',
    },
    include: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_PATTERN_CHARS,
      description: 'find_pattern: only files that match this glob, such as "*.ts".',
    },
    recursive: flag(
      'list_directory (default false), search_files, find_pattern (default true): also folders in the folder. delete_file: needed to delete a folder that is not empty.',
    ),
    start_line: whole(1, Number.MAX_SAFE_INTEGER, 'read_file: the first line, from 1. Default 1.'),
    max_lines: whole(
      1,
      MAX_LINES,
      `read_file: how many lines (default ${DEFAULT_LINES}). find_pattern: how many matching lines (default and at most ${MAX_ENTRIES}).`,
    ),
    max_depth: whole(1, MAX_DEPTH, `How many levels of folders are looked into. Default ${MAX_DEPTH}.`),
    context_lines: whole(0, MAX_CONTEXT_LINES, 'find_pattern: lines before and after each match. Default 0.'),
    case_sensitive: flag('find_pattern: whether A is another letter than a. Default true.'),
    include_ignored: flag(
      'search_files, find_pattern, analyze_codebase: also what .gitignore files leave out, and .git. Default false.',
    ),
    encoding: {
      type: 'string',
      enum: ENCODINGS,
      description: 'read_file: default, what the file seems to be in. write_file: default utf-8.',
    },
  },
  additionalProperties: false,
};
