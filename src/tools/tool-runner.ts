import { Injectable } from '@nestjs/common';
import { Problem } from '../http/problem.js';
import type { ToolExecution, ToolRequest } from './tool-run.js';

/** The one way to a tool, for people and agents alike: valid, allowed, on record, bounded in time. */
@Injectable()
export class ToolRunner {
  /**
   * A call of an agent that may not be or makes no sense ends as an execution that was refused; a person gets the problem.
   * @throws Problem UNKNOWN_TOOL, VALIDATION_ERROR, TOOL_REFUSED (all for people only), SANDBOX_UNAVAILABLE, DATABASE_UNAVAILABLE
   */
  run(request: ToolRequest): Promise<ToolExecution> {
    return Promise.reject(new Problem('UNKNOWN_TOOL', `There is no tool ${request.toolName}.`));
  }
}
