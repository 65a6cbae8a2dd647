import type { ParametersSchema } from '../../tools/tool.js';

const SETTLE_DECISIONS = ['resume', 'close'] as const;

export type SettleParameters = {
  readonly workflow_id: string;
  readonly decision: (typeof SETTLE_DECISIONS)[number];
  readonly reason: string;
};

export const settleParametersSchema: ParametersSchema = {
  type: 'object',
  properties: {
    workflow_id: { type: 'string', format: 'uuid', description: 'The workflow that your task names.' },
    decision: {
      type: 'string',
      enum: SETTLE_DECISIONS,
      description: 'resume: it is paused and worth going on with. close: it is cancelled, with all that belongs to it.',
    },
    reason: { type: 'string', minLength: 1, maxLength: 1000, description: 'Why, for the people who look at it later.' },
  },
  required: ['workflow_id', 'decision', 'reason'],
  additionalProperties: false,
};

/** How a motivation's target names a workflow. */
export const workflowTarget = (workflowId: string): string => `workflow:${workflowId.toLowerCase()}`;

/** Which route does the same for people. */
export const routeForPeople = ({ workflow_id: id, decision }: SettleParameters): string =>
  `POST /api/v1/orchestrator/workflows/${id}/${decision === 'close' ? 'cancel' : 'resume'}`;
