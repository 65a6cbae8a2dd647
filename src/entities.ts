import { ApiKeyEntity } from './auth/api-key.entity.js';
import { AuditAnchorEntity } from './auth/audit/audit-anchor.entity.js';
import { AuditEntryEntity } from './auth/audit/audit-entry.entity.js';
import { RateBucketEntity } from './auth/rate-limits/rate-bucket.entity.js';
import { LoginFailureEntity } from './auth/login-throttle.entity.js';
import { SessionEntity } from './auth/session.entity.js';
import { UserEntity } from './auth/user.entity.js';
import { ExecutorEntity } from './durable/executor.entity.js';
import { EventStreamEntity } from './events/event-stream.entity.js';
import { WebhookDeliveryEntity } from './events/webhooks/webhook-delivery.entity.js';
import { WebhookEntity } from './events/webhooks/webhook.entity.js';
import { WorkflowEventEntity } from './events/workflow-event.entity.js';
import { IdempotencyKeyEntity } from './http/idempotency/idempotency-key.entity.js';
import { BudgetLedgerEntity } from './llm/budget/budget-ledger.entity.js';
import { BudgetScopeEntity } from './llm/budget/budget-scope.entity.js';
import { LlmInteractionEntity } from './llm/interactions/llm-interaction.entity.js';
import { PromptTemplateEntity } from './llm/prompt-templates/prompt-template.entity.js';
import { PromptTemplateUseEntity } from './llm/prompt-templates/prompt-template-use.entity.js';
import { LatencyBucketEntity } from './llm/stats/latency-bucket.entity.js';
import { UsageQueueEntity } from './llm/stats/usage-queue.entity.js';
import { UsageRollupEntity } from './llm/stats/usage-rollup.entity.js';
import { UsageTotalEntity } from './llm/stats/usage-total.entity.js';
import { MotivationDecisionEntity } from './motivation/engine/motivation-decision.entity.js';
import { MotivationEngineEntity } from './motivation/engine/motivation-engine.entity.js';
import { MotivationalStateEntity } from './motivation/states/motivational-state.entity.js';
import { MotivationalTargetEntity } from './motivation/tasks/motivational-target.entity.js';
import { MotivationalTaskEntity } from './motivation/tasks/motivational-task.entity.js';
import { AgentEntity } from './orchestrator/agents/agent.entity.js';
import { ApprovalEntity } from './orchestrator/approvals/approval.entity.js';
import { AgentCommunicationEntity } from './orchestrator/communications/agent-communication.entity.js';
import { ErasureEntity } from './orchestrator/keeping/erasure.entity.js';
import { WorkflowFeedbackEntity } from './orchestrator/learning/workflow-feedback.entity.js';
import { WorkflowOutcomeEntity } from './orchestrator/learning/workflow-outcome.entity.js';
import { MemoryEntity } from './orchestrator/memory/memory.entity.js';
import { ScheduleEntity } from './orchestrator/schedules/schedule.entity.js';
import { ThoughtTreeEntity } from './orchestrator/thoughts/thought-tree.entity.js';
import { OutsideEventEntity } from './orchestrator/triggers/outside-event.entity.js';
import { TriggerEntity } from './orchestrator/triggers/trigger.entity.js';
import {
  WorkflowTemplateEntity,
  WorkflowTemplateVersionEntity,
} from './orchestrator/workflow-templates/workflow-template.entity.js';
import { OrchestratorEntity } from './orchestrator/workflows/orchestrator.entity.js';
import { WorkflowEntity } from './orchestrator/workflows/workflow.entity.js';
import { SystemConfigEntity } from './settings/system-config.entity.js';
import { StatusCountEntity } from './system/stats/status-count.entity.js';
import { ToolExecutionEntity } from './tools/executions/tool-execution.entity.js';

/** Every table, explicitly; what is not here or below is not NYX's, and not in a backup. */
export const entities = [
  UserEntity,
  SessionEntity,
  LoginFailureEntity,
  RateBucketEntity,
  AuditAnchorEntity,
  AuditEntryEntity,
  ApiKeyEntity,
  IdempotencyKeyEntity,
  ExecutorEntity,
  EventStreamEntity,
  WorkflowEventEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
  WorkflowEntity,
  WorkflowOutcomeEntity,
  WorkflowFeedbackEntity,
  ErasureEntity,
  ThoughtTreeEntity,
  OrchestratorEntity,
  AgentEntity,
  AgentCommunicationEntity,
  MemoryEntity,
  ApprovalEntity,
  WorkflowTemplateEntity,
  WorkflowTemplateVersionEntity,
  ScheduleEntity,
  TriggerEntity,
  OutsideEventEntity,
  BudgetScopeEntity,
  LlmInteractionEntity,
  UsageQueueEntity,
  BudgetLedgerEntity,
  UsageTotalEntity,
  UsageRollupEntity,
  LatencyBucketEntity,
  ToolExecutionEntity,
  PromptTemplateEntity,
  PromptTemplateUseEntity,
  SystemConfigEntity,
  MotivationalStateEntity,
  MotivationalTaskEntity,
  MotivationalTargetEntity,
  MotivationEngineEntity,
  MotivationDecisionEntity,
  StatusCountEntity,
];

/** Tables that have no key, and so no entity. */
export const keylessTables = ['status_changes'];
