import { Injectable } from '@nestjs/common';
import { ToolRegistry } from '../tools/tool-registry.js';
import { SettleThoughtTool } from './tasks/settle-thought.tool.js';

/** The tools of this room join those of the tools' own. */
@Injectable()
export class MotivationTools {
  constructor(registry: ToolRegistry, settleThought: SettleThoughtTool) {
    registry.register(settleThought);
  }
}
