import type { Plain } from '../../http/plain.js';
import { templateOf, type TemplateColumns } from '../workflow-templates/template-columns.js';
import type { Condition } from './condition.rules.js';
import type { TriggerView } from './dto/trigger.dto.js';

export interface TriggerRow extends TemplateColumns {
  readonly id: string;
  readonly name: string;
  readonly principal_id: string;
  readonly event_type: string;
  readonly source: string;
  readonly conditions: readonly Condition[];
  readonly debounce_seconds: number;
  readonly is_enabled: boolean;
  readonly fired_count: string;
  readonly swallowed_count: string;
  readonly last_fired_at: Date | null;
  readonly last_workflow_id: string | null;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const TRIGGER_COLUMNS = `id, name, principal_id, event_type, source, conditions, debounce_seconds, template_name,
  template_request, parameters, is_enabled, fired_count, swallowed_count, last_fired_at, last_workflow_id, last_error, last_error_at,
  created_at, updated_at`;

export const presentTrigger = (row: TriggerRow): Plain<TriggerView> => ({
  id: row.id,
  name: row.name,
  principal_id: row.principal_id,
  event_type: row.event_type,
  source: row.source,
  conditions: row.conditions,
  debounce_seconds: row.debounce_seconds,
  workflow_template: templateOf(row).template,
  parameters: row.parameters,
  enabled: row.is_enabled,
  fired_count: Number(row.fired_count),
  swallowed_count: Number(row.swallowed_count),
  last_fired_at: row.last_fired_at?.toISOString() ?? null,
  last_workflow_id: row.last_workflow_id,
  last_error: row.last_error,
  last_error_at: row.last_error_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});
