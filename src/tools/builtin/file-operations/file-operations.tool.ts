import { Injectable } from '@nestjs/common';
import { type ParameterError, Tool, type ToolContext, type ToolResult, type ToolRisk } from '../../tool.js';
import { analyzeCodebase } from './analyze-codebase.js';
import { copyFile, createDirectory, deleteFile, moveFile } from './change-entries.js';
import type { FileOperation } from './file-operation.js';
import { findPattern } from './find-pattern.js';
import { getFileStats } from './get-file-stats.js';
import { TIMEOUT_MS } from './limits.js';
import { listDirectory } from './list-directory.js';
import { FILE_OPERATIONS, type FileOperationName, type FileParameters, fileParametersSchema } from './parameters.js';
import { readFile } from './read-file.js';
import { searchFiles } from './search-files.js';
import { writeFile } from './write-file.js';

/** One line an operation. */
const operations: Readonly<Record<FileOperationName, FileOperation>> = {
  read_file: readFile,
  write_file: writeFile,
  list_directory: listDirectory,
  search_files: searchFiles,
  find_pattern: findPattern,
  analyze_codebase: analyzeCodebase,
  get_file_stats: getFileStats,
  create_directory: createDirectory,
  copy_file: copyFile,
  move_file: moveFile,
  delete_file: deleteFile,
};

/** Reads, finds and changes files of the workspace. */
@Injectable()
export class FileOperationsTool extends Tool<FileParameters> {
  readonly name = 'file_operations';
  readonly description =
    'Reads, writes, lists, searches, copies, moves and deletes files of the workspace. Paths are relative to the workspace. ' +
    'At most 100 MB a file, 1,000 entries or matches an answer, folders 10 deep, 60 seconds; an answer that leaves something out says so.';
  readonly operations = FILE_OPERATIONS;
  readonly parametersSchema = fileParametersSchema;
  readonly risk = 'write';
  override readonly timeoutMs = TIMEOUT_MS;

  override riskOf({ operation }: FileParameters): ToolRisk {
    return operations[operation].risk;
  }

  override isRepeatable({ operation }: FileParameters): boolean {
    return operations[operation].isRepeatable;
  }

  override check(parameters: FileParameters): readonly ParameterError[] {
    const operation = operations[parameters.operation];
    const missing = operation.needs.filter((name) => parameters[name] === undefined);
    if (missing.length === 0) return operation.check?.(parameters) ?? [];
    return missing.map((field) => ({ field, message: `${field} is needed by ${parameters.operation}.` }));
  }

  override run(parameters: FileParameters, context: ToolContext): Promise<ToolResult> {
    return operations[parameters.operation].run(parameters, context);
  }
}
