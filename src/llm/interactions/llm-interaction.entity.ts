import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../../database/checks.js';
import type { TemplateRef } from '../prompt-templates/built-in-template.js';
import {
  LLM_INTERACTION_STATUSES,
  LLM_ORIGINS,
  type LlmInteractionStatus,
  type LlmOrigin,
} from './llm-interaction.values.js';

@Entity('llm_interactions')
@Check('ck_llm_interactions_status', oneOf('status', LLM_INTERACTION_STATUSES))
@Check('ck_llm_interactions_origin', oneOf('origin', LLM_ORIGINS))
@Check('ck_llm_interactions_content_length', '"content_length" >= 0')
@Check('ck_llm_interactions_confidence', '"confidence" BETWEEN 0 AND 1')
@Check(
  'ck_llm_interactions_tokens',
  '"token_count_input" >= 0 AND "token_count_output" >= 0 AND "cached_token_count" >= 0 AND "cache_creation_input_tokens" >= 0 AND "cache_read_input_tokens" >= 0',
)
@Check(
  'ck_llm_interactions_amounts',
  '"cost_usd" >= 0 AND "cost_without_cache_usd" >= 0 AND "retry_count" >= 0 AND "latency_ms" >= 0',
)
@Index('ix_llm_interactions_agent', ['agentId'])
@Index('ix_llm_interactions_thought', ['thoughtTreeId'])
@Index('ix_llm_interactions_workflow', ['workflowId', 'stepKey'])
@Index('ix_llm_interactions_request_timestamp', ['requestTimestamp', 'id'])
@Index('ix_llm_interactions_loose', ['requestTimestamp', 'id'], { where: 'workflow_id IS NULL' })
@Index('ix_llm_interactions_principal', ['principalId', 'requestTimestamp', 'id'])
@Index('ix_llm_interactions_model', ['model', 'requestTimestamp', 'id'])
@Index('ix_llm_interactions_sent', ['requestTimestamp'], { where: "status = 'sent'" })
@Index('ix_llm_interactions_in_doubt', ['requestTimestamp'], { where: "status = 'in_doubt'" })
@Index('ix_llm_interactions_unsuccessful', ['requestTimestamp', 'id'], { where: 'NOT success' })
@Index('ix_llm_interactions_unsure', ['requestTimestamp', 'id'], {
  where: "confidence < 0.5 AND origin <> 'motivation'",
})
export class LlmInteractionEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_llm_interactions' })
  id!: string;

  @Column({ name: 'agent_id', type: 'uuid', nullable: true })
  @ForeignKey('AgentEntity', { name: 'fk_llm_interactions_agent', onDelete: 'SET NULL' })
  agentId!: string | null;

  @Column({ name: 'thought_tree_id', type: 'uuid', nullable: true })
  @ForeignKey('ThoughtTreeEntity', { name: 'fk_llm_interactions_thought', onDelete: 'SET NULL' })
  thoughtTreeId!: string | null;

  @Column({ name: 'workflow_id', type: 'uuid', nullable: true })
  @ForeignKey('WorkflowEntity', { name: 'fk_llm_interactions_workflow', onDelete: 'SET NULL' })
  workflowId!: string | null;

  @Column({ name: 'session_id', type: 'varchar', length: 100, nullable: true })
  sessionId!: string | null;

  @Column({ name: 'principal_id', type: 'varchar', length: 100, nullable: true })
  principalId!: string | null;

  @Column({ name: 'origin', type: 'varchar', length: 20, default: 'api' })
  origin!: LlmOrigin;

  @Column({ name: 'step_key', type: 'varchar', length: 200, nullable: true })
  stepKey!: string | null;

  @Column({ name: 'purpose', type: 'varchar', length: 60 })
  purpose!: string;

  @Column({ name: 'template_name', type: 'varchar', length: 100, nullable: true })
  templateName!: string | null;

  @Column({ name: 'template_version', type: 'integer', nullable: true })
  templateVersion!: number | null;

  @Column({ name: 'other_templates', type: 'jsonb', nullable: true })
  otherTemplates!: readonly TemplateRef[] | null;

  @Column({ name: 'provider', type: 'varchar', length: 50 })
  provider!: string;

  @Column({ name: 'model', type: 'varchar', length: 100 })
  model!: string;

  @Column({ name: 'status', type: 'varchar', length: 20 })
  status!: LlmInteractionStatus;

  @Column({ name: 'system_prompt', type: 'text', nullable: true })
  systemPrompt!: string | null;

  @Column({ name: 'prompt_text', type: 'text' })
  promptText!: string;

  @Column({ name: 'response_text', type: 'text', nullable: true })
  responseText!: string | null;

  /** Characters of `response_text` that are the answer; null: all. The rest reports confidence. */
  @Column({ name: 'content_length', type: 'integer', nullable: true })
  contentLength!: number | null;

  @Column({ name: 'response', type: 'jsonb', nullable: true })
  response!: unknown;

  @Column({ name: 'tool_calls', type: 'jsonb', nullable: true })
  toolCalls!: unknown;

  /** The answer as the provider gave it, where the next turn has to repeat it unchanged. */
  @Column({ name: 'response_blocks', type: 'jsonb', nullable: true })
  responseBlocks!: unknown;

  @Column({ name: 'stop_reason', type: 'varchar', length: 50, nullable: true })
  stopReason!: string | null;

  @Column({ name: 'request_timestamp', type: 'timestamptz', default: () => 'now()' })
  requestTimestamp!: Date;

  @Column({ name: 'response_timestamp', type: 'timestamptz', nullable: true })
  responseTimestamp!: Date | null;

  @Column({ name: 'token_count_input', type: 'integer', nullable: true })
  tokenCountInput!: number | null;

  @Column({ name: 'token_count_output', type: 'integer', nullable: true })
  tokenCountOutput!: number | null;

  @Column({ name: 'cached_token_count', type: 'integer', nullable: true })
  cachedTokenCount!: number | null;

  @Column({ name: 'cache_creation_input_tokens', type: 'integer', nullable: true })
  cacheCreationInputTokens!: number | null;

  @Column({ name: 'cache_read_input_tokens', type: 'integer', nullable: true })
  cacheReadInputTokens!: number | null;

  @Column({ name: 'latency_ms', type: 'integer', nullable: true })
  latencyMs!: number | null;

  @Column({ name: 'cost_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  costUsd!: string | null;

  @Column({ name: 'cost_without_cache_usd', type: 'numeric', precision: 20, scale: 10, nullable: true })
  costWithoutCacheUsd!: string | null;

  @Column({ name: 'uses_prompt_caching', type: 'boolean', default: false })
  usesPromptCaching!: boolean;

  @Column({ name: 'cache_ttl_seconds', type: 'integer', nullable: true })
  cacheTtlSeconds!: number | null;

  @Column({ name: 'cache_hit', type: 'boolean', default: false })
  cacheHit!: boolean;

  @Column({ name: 'success', type: 'boolean', nullable: true })
  success!: boolean | null;

  @Column({ name: 'error_code', type: 'varchar', length: 60, nullable: true })
  errorCode!: string | null;

  @Column({ name: 'error_message', type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ name: 'retry_count', type: 'integer', default: 0 })
  retryCount!: number;

  @Column({ name: 'confidence', type: 'double precision', nullable: true })
  confidence!: number | null;

  @Column({ name: 'provider_request_id', type: 'varchar', length: 200, nullable: true })
  providerRequestId!: string | null;
}
