import { Injectable } from '@nestjs/common';
import { WorkspaceError, type Workspace } from './workspace.js';

/** Whose files a run sees. */
@Injectable()
export class Workspaces {
  /** @throws WorkspaceError */
  of(_principalId: string): Workspace {
    throw new WorkspaceError('not_permitted', 'There is no workspace yet.');
  }
}
