import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UuidParam } from '../http/uuid-param.js';
import { AgentFilter, AgentPage, AgentView, OrchestratorFilter, OrchestratorPage } from './agents/dto/agent.dto.js';
import { ThoughtChange, ThoughtFilter, ThoughtPage, ThoughtView } from './thoughts/dto/thought.dto.js';
import { ThoughtAnnotations } from './thoughts/thought-annotations.service.js';
import { TreeQueries } from './tree-queries.service.js';

@ApiTags('orchestrator')
@Controller('api/v1/orchestrator')
export class TreeController {
  constructor(
    private readonly tree: TreeQueries,
    private readonly annotations: ThoughtAnnotations,
  ) {}

  @Get('thought-trees')
  @ApiOperation({ summary: 'List thoughts, newest first' })
  @ApiOkResponse({ type: ThoughtPage })
  listThoughts(@Query() filter: ThoughtFilter): Promise<ThoughtPage> {
    return this.tree.thoughts(filter);
  }

  @Get('thought-trees/:id')
  @ApiOperation({ summary: 'Get a thought' })
  @ApiOkResponse({ type: ThoughtView })
  getThought(@UuidParam() id: string): Promise<ThoughtView> {
    return this.tree.thought(id);
  }

  @Patch('thought-trees/:id')
  @ApiOperation({ summary: 'Change the importance of a thought, or what is noted on it' })
  @ApiOkResponse({ type: ThoughtView })
  changeThought(@UuidParam() id: string, @Body() change: ThoughtChange): Promise<ThoughtView> {
    return this.annotations.change(id, change);
  }

  @Get('agents')
  @ApiOperation({ summary: 'List agents, newest first' })
  @ApiOkResponse({ type: AgentPage })
  listAgents(@Query() filter: AgentFilter): Promise<AgentPage> {
    return this.tree.agents(filter);
  }

  @Get('agents/:id')
  @ApiOperation({ summary: 'Get an agent' })
  @ApiOkResponse({ type: AgentView })
  getAgent(@UuidParam() id: string): Promise<AgentView> {
    return this.tree.agent(id);
  }

  @Get('orchestrators')
  @ApiOperation({ summary: 'List orchestrators, newest first' })
  @ApiOkResponse({ type: OrchestratorPage })
  listOrchestrators(@Query() filter: OrchestratorFilter): Promise<OrchestratorPage> {
    return this.tree.orchestrators(filter);
  }
}
