import { InitialSchema1795392000000 } from './1795392000000-initial-schema.js';
import { InteractionToolCalls1795478350000 } from './1795478350000-interaction-tool-calls.js';
import { WorkflowsWithoutLimit1795478400000 } from './1795478400000-workflows-without-limit.js';
import { BudgetLedger1795478500000 } from './1795478500000-budget-ledger.js';
import { PromptTemplateVersions1795478600000 } from './1795478600000-prompt-template-versions.js';
import { ModelUsageRollups1795478700000 } from './1795478700000-model-usage-rollups.js';
import { UsageQueue1795478800000 } from './1795478800000-usage-queue.js';
import { ToolRuns1795478900000 } from './1795478900000-tool-runs.js';
import { InteractionResponseBlocks1795479250000 } from './1795479250000-interaction-response-blocks.js';
import { ContinuationsAndAnnotations1795480100000 } from './1795480100000-continuations-and-annotations.js';
import { SchedulesAndTriggers1795480200000 } from './1795480200000-schedules-and-triggers.js';
import { WorkflowOutcomes1795480300000 } from './1795480300000-workflow-outcomes.js';
import { ResultValidation1795480500000 } from './1795480500000-result-validation.js';
import { MemorySearchAndMessages1795480600000 } from './1795480600000-memory-search-and-messages.js';
import { PeopleInTheLoop1795480700000 } from './1795480700000-people-in-the-loop.js';
import { AgentConfidence1795480800000 } from './1795480800000-agent-confidence.js';
import { Adaptation1795480900000 } from './1795480900000-adaptation.js';
import { MotivationEngine1796020000000 } from './1796020000000-motivation-engine.js';
import { MotivationConditions1796020100000 } from './1796020100000-motivation-conditions.js';
import { EngineUpkeep1796020200000 } from './1796020200000-engine-upkeep.js';
import { LoginFailures1796030000000 } from './1796030000000-login-failures.js';
import { AuditLog1796030100000 } from './1796030100000-audit-log.js';
import { RateBuckets1796030200000 } from './1796030200000-rate-buckets.js';
import { PrincipalsApart1796100100000 } from './1796100100000-principals-apart.js';
import { ExecutorRoles1796100900000 } from './1796100900000-executor-roles.js';
import { Webhooks1796100500000 } from './1796100500000-webhooks.js';
import { StatusCounts1796100600000 } from './1796100600000-status-counts.js';
import { WorkflowProgress1796100600100 } from './1796100600100-workflow-progress.js';
import { WorkflowTraces1796100700000 } from './1796100700000-workflow-traces.js';
import { Erasures1796100800000 } from './1796100800000-erasures.js';
import { ExecutorRelease1796101000000 } from './1796101000000-executor-release.js';
import { AuditRetention1796101000100 } from './1796101000100-audit-retention.js';
import { CallsOfNoWorkflow1796101000600 } from './1796101000600-calls-of-no-workflow.js';
import { CommunicationsByTime1796101000700 } from './1796101000700-communications-by-time.js';
import { ReferencesByIndex1796101000800 } from './1796101000800-references-by-index.js';

/** In the order they run. */
export const migrations = [
  InitialSchema1795392000000,
  InteractionToolCalls1795478350000,
  WorkflowsWithoutLimit1795478400000,
  BudgetLedger1795478500000,
  PromptTemplateVersions1795478600000,
  ModelUsageRollups1795478700000,
  UsageQueue1795478800000,
  ToolRuns1795478900000,
  InteractionResponseBlocks1795479250000,
  ContinuationsAndAnnotations1795480100000,
  SchedulesAndTriggers1795480200000,
  WorkflowOutcomes1795480300000,
  ResultValidation1795480500000,
  MemorySearchAndMessages1795480600000,
  PeopleInTheLoop1795480700000,
  AgentConfidence1795480800000,
  Adaptation1795480900000,
  MotivationEngine1796020000000,
  MotivationConditions1796020100000,
  EngineUpkeep1796020200000,
  LoginFailures1796030000000,
  AuditLog1796030100000,
  RateBuckets1796030200000,
  PrincipalsApart1796100100000,
  Webhooks1796100500000,
  StatusCounts1796100600000,
  WorkflowProgress1796100600100,
  WorkflowTraces1796100700000,
  Erasures1796100800000,
  ExecutorRoles1796100900000,
  ExecutorRelease1796101000000,
  AuditRetention1796101000100,
  CallsOfNoWorkflow1796101000600,
  CommunicationsByTime1796101000700,
  ReferencesByIndex1796101000800,
];
