import { Body, Controller, Get, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BelongsTo, CurrentOwner, type Owner } from '../auth/owner.js';
import { UuidParam } from '../http/uuid-param.js';
import { AgentFilter, AgentPage, AgentView, OrchestratorFilter, OrchestratorPage } from './agents/dto/agent.dto.js';
import { ThoughtChange, ThoughtFilter, ThoughtPage, ThoughtView } from './thoughts/dto/thought.dto.js';
import { ThoughtAnnotations } from './thoughts/thought-annotations.service.js';
import { OWN_AGENT, OWN_THOUGHT } from './workflows/belonging.sql.js';
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
  listThoughts(@Query() filter: ThoughtFilter, @CurrentOwner() owner: Owner): Promise<ThoughtPage> {
    return this.tree.thoughts(filter, owner);
  }

  @Get('thought-trees/:id')
  @BelongsTo(OWN_THOUGHT)
  @ApiOperation({ summary: 'Get a thought' })
  @ApiOkResponse({ type: ThoughtView })
  getThought(@UuidParam() id: string): Promise<ThoughtView> {
    return this.tree.thought(id);
  }

  @Patch('thought-trees/:id')
  @BelongsTo(OWN_THOUGHT)
  @ApiOperation({ summary: 'Change the importance of a thought, or what is noted on it' })
  @ApiOkResponse({ type: ThoughtView })
  changeThought(@UuidParam() id: string, @Body() change: ThoughtChange): Promise<ThoughtView> {
    return this.annotations.change(id, change);
  }

  @Get('agents')
  @ApiOperation({ summary: 'List agents, newest first' })
  @ApiOkResponse({ type: AgentPage })
  listAgents(@Query() filter: AgentFilter, @CurrentOwner() owner: Owner): Promise<AgentPage> {
    return this.tree.agents(filter, owner);
  }

  @Get('agents/:id')
  @BelongsTo(OWN_AGENT)
  @ApiOperation({ summary: 'Get an agent' })
  @ApiOkResponse({ type: AgentView })
  getAgent(@UuidParam() id: string): Promise<AgentView> {
    return this.tree.agent(id);
  }

  @Get('orchestrators')
  @ApiOperation({ summary: 'List orchestrators, newest first' })
  @ApiOkResponse({ type: OrchestratorPage })
  listOrchestrators(@Query() filter: OrchestratorFilter, @CurrentOwner() owner: Owner): Promise<OrchestratorPage> {
    return this.tree.orchestrators(filter, owner);
  }
}
