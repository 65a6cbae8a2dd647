import { Injectable } from '@nestjs/common';
import { ToolRegistry } from '../tools/tool-registry.js';
import { CommunicateTool } from './communications/communicate.tool.js';
import { MemoryTool } from './memory/memory.tool.js';

/** The tools of this room join those of the tools' own. */
@Injectable()
export class OrchestratorTools {
  constructor(registry: ToolRegistry, memory: MemoryTool, communicate: CommunicateTool) {
    registry.register(memory, communicate);
  }
}
