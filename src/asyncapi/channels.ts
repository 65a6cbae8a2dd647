import type { Type } from '@nestjs/common';
import { DecisionDto } from '../motivation/engine/dto/decision.dto.js';
import { MotivationalStateDetailDto } from '../motivation/states/dto/motivational-state.dto.js';
import { MotivationalTaskDto } from '../motivation/tasks/dto/motivational-task.dto.js';
import { LiveStatusDto } from '../system/dto/live-status.dto.js';
import type { JsonSchema } from './json-schema.rules.js';

/** One event of Socket.IO. */
export interface LiveMessage {
  /** Of the event, as the client listens for it or emits it. */
  readonly name: string;
  readonly summary: string;
  readonly payload: Type | JsonSchema;
  /** What the callback of a client's `emit` gets. */
  readonly acknowledgement?: JsonSchema;
}

/** A namespace of Socket.IO. */
export interface LiveChannel {
  readonly id: string;
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly sends: readonly LiveMessage[];
  readonly takes: readonly LiveMessage[];
}

const WORKFLOW_ID = { type: 'string', format: 'uuid', examples: ['019ab0c4-5d6e-7f80-9123-456789abcdef'] };
const ERROR_CODE = { type: 'string', examples: ['NOT_FOUND'], description: 'As in problem documents of the REST API.' };
const SEQ = { type: 'integer', minimum: 0, examples: [7] };

/** How an error reaches a client: in acknowledgements, in `auth_expired`, and as `data` of `connect_error`. */
const PROBLEM = {
  error_code: ERROR_CODE,
  message: { type: 'string', description: 'One sentence.' },
  errors: {
    type: 'array',
    items: {
      type: 'object',
      required: ['field', 'message'],
      properties: { field: { type: 'string' }, message: { type: 'string' } },
    },
  },
  retry_after_seconds: { type: 'number', minimum: 0 },
};

const refused = {
  type: 'object',
  required: ['ok', 'error_code', 'message'],
  properties: { ok: { const: false }, ...PROBLEM },
};
const accepted = (more: Readonly<Record<string, JsonSchema>> = {}): JsonSchema => ({
  type: 'object',
  required: ['ok', ...Object.keys(more)],
  properties: { ok: { const: true }, ...more },
});

const EXPIRED: LiveMessage = {
  name: 'auth_expired',
  summary: 'The token has expired or the credentials were withdrawn; the server closes the connection after it.',
  payload: { type: 'object', required: ['error_code', 'message'], properties: PROBLEM },
};

/** The namespaces but for the events of workflows, which are as many messages as there are types. */
export const LIVE_CHANNELS: readonly LiveChannel[] = [
  {
    id: 'workflows',
    address: '/ws/workflows',
    title: 'What happens in workflows',
    description:
      'After `subscribe` the events of that workflow arrive as `event`: gapless, in order of `seq`, history first and then what happens, ' +
      'whichever replica runs it. Server-Sent Events of `GET /api/v1/orchestrator/workflows/{id}/events` carry the same.',
    sends: [
      {
        name: 'lagged',
        summary: 'This client reads too slowly: the subscription has ended. Subscribe again after the last `seq` seen.',
        payload: {
          type: 'object',
          required: ['workflow_id', 'last_seq'],
          properties: { workflow_id: WORKFLOW_ID, last_seq: SEQ },
        },
      },
      EXPIRED,
    ],
    takes: [
      {
        name: 'subscribe',
        summary: 'Follow a workflow from its first event on, or from after `after_seq`.',
        payload: {
          type: 'object',
          required: ['workflow_id'],
          properties: { workflow_id: WORKFLOW_ID, after_seq: SEQ },
          additionalProperties: false,
        },
        acknowledgement: { oneOf: [accepted({ last_seq: SEQ }), refused] },
      },
      {
        name: 'unsubscribe',
        summary: 'Follow it no more.',
        payload: {
          type: 'object',
          required: ['workflow_id'],
          properties: { workflow_id: WORKFLOW_ID },
          additionalProperties: false,
        },
        acknowledgement: { oneOf: [accepted(), refused] },
      },
    ],
  },
  {
    id: 'motivation',
    address: '/ws/motivation',
    title: 'What NYX does of its own accord',
    description:
      'Every row is sent once it is committed, whichever replica wrote it. Nothing is to be subscribed to. A client that was away reads ' +
      'what it missed from the REST routes named below. Where principals are isolated, for admins only.',
    sends: [
      {
        name: 'evaluated',
        summary: 'An evaluation, as `GET /api/v1/motivational/decisions` shows it.',
        payload: DecisionDto,
      },
      {
        name: 'task.spawned',
        summary: 'A task that was spawned, as `GET /api/v1/motivational/tasks/recent` shows it.',
        payload: MotivationalTaskDto,
      },
      {
        name: 'task.completed',
        summary: 'A task that has ended, in whatever way, with its outcome.',
        payload: MotivationalTaskDto,
      },
      {
        name: 'state.changed',
        summary: 'A motivation after a change, as `GET /api/v1/motivational/states/{type}` shows it.',
        payload: MotivationalStateDetailDto,
      },
      EXPIRED,
    ],
    takes: [],
  },
  {
    id: 'systemStatus',
    address: '/ws/system/status',
    title: 'How NYX is',
    description: 'Arrives at once, every 10 seconds, and when something of it changes. Nothing is to be subscribed to.',
    sends: [
      {
        name: 'status',
        summary: 'As `GET /api/v1/system/status` answers, with the engine, active workflows and what today cost.',
        payload: LiveStatusDto,
      },
      EXPIRED,
    ],
    takes: [],
  },
];
