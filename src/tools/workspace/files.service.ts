import { Injectable, type StreamableFile } from '@nestjs/common';
import type { Request, Response } from 'express';
import { invalid } from '../../http/problem.js';
import type { Plain } from '../../http/plain.js';
import type { FolderQuery, WorkspaceEntryDto, WorkspaceFolderDto } from '../dto/workspace-files.dto.js';
import { download } from './download.js';
import { MAX_NAME_BYTES } from './paths.rules.js';
import { checkUpload, uploadedBytes } from './upload.js';
import { MAX_UPLOAD_BYTES } from './upload.rules.js';
import { isRefusal } from './workspace-error.js';
import { workspaceProblem } from './workspace-problems.rules.js';
import type { Workspace, WorkspaceEntry } from './workspace.js';
import { Workspaces } from './workspaces.js';

/** Files of the workspace for people. What the workspace refuses becomes a problem. */
@Injectable()
export class WorkspaceFiles {
  constructor(private readonly workspaces: Workspaces) {}

  /** A file as a download, a folder as a page of its entries in the order of their names. */
  async read(
    principalId: string,
    path: string,
    query: FolderQuery,
    response: Response,
  ): Promise<StreamableFile | Plain<WorkspaceFolderDto>> {
    return await toProblems(async () => {
      const workspace = this.workspaces.of(principalId);
      const { type } = await workspace.stat(path);
      if (type === 'directory') return await folderPage(workspace, path, query);
      return await download(await workspace.openFile(path), response);
    });
  }

  /** Takes the body as it comes: whole or not at all. @returns the file, and whether there was none before */
  async upload(
    principalId: string,
    path: string,
    request: Request,
  ): Promise<{ file: Plain<WorkspaceEntryDto>; isNew: boolean }> {
    return await toProblems(async () => {
      const workspace = this.workspaces.of(principalId);
      checkUpload(request);
      const isNew = !(await isThere(workspace, path));
      await workspace.writeFile(path, uploadedBytes(request), { maxBytes: MAX_UPLOAD_BYTES });
      return { file: presentEntry(await workspace.stat(path)), isNew };
    });
  }

  /** Into the trash. */
  async remove(principalId: string, path: string): Promise<void> {
    await toProblems(() => this.workspaces.of(principalId).remove(path));
  }
}

async function toProblems<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw workspaceProblem(error);
  }
}

/** Before the name in a cursor: any text would be the cursor of a file, those of other lists too. */
const OF_NAMES = Buffer.from('name ');

async function folderPage(workspace: Workspace, path: string, query: FolderQuery): Promise<Plain<WorkspaceFolderDto>> {
  const after = query.cursor === undefined ? undefined : nameIn(query.cursor);
  const { entries, next } = await workspace.list(path, { limit: query.limit, after });
  return {
    path: (await workspace.stat(path)).path,
    items: entries.map(presentEntry),
    next_cursor: next === undefined ? null : Buffer.concat([OF_NAMES, next]).toString('base64url'),
  };
}

function nameIn(cursor: string): Buffer {
  const place = Buffer.from(cursor, 'base64url');
  const name = place.subarray(OF_NAMES.length);
  const isName = name.length > 0 && name.length <= MAX_NAME_BYTES && place.toString('base64url') === cursor;
  if (!isName || !place.subarray(0, OF_NAMES.length).equals(OF_NAMES))
    throw invalid('cursor', 'is not a cursor of this list');
  return name;
}

const presentEntry = ({ path, name, type, sizeBytes, modifiedAt }: WorkspaceEntry): Plain<WorkspaceEntryDto> => ({
  path,
  name,
  type,
  size_bytes: sizeBytes,
  modified_at: modifiedAt.toISOString(),
});

async function isThere(workspace: Workspace, path: string): Promise<boolean> {
  try {
    await workspace.stat(path);
    return true;
  } catch (error) {
    if (isRefusal(error, 'not_found')) return false;
    throw error;
  }
}
