import { type INestApplication, Module, type Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { EVENT_DATA, EVENT_TYPES, type EventType } from '../events/event-data.js';
import { withWideIntegers } from '../http/docs/integers.rules.js';
import { API_VERSION } from '../http/docs/openapi-document.js';
import { LIVE_CHANNELS, type LiveChannel, type LiveMessage } from './channels.js';
import { jsonSchema, type ApiSchema, type JsonSchema } from './json-schema.rules.js';
import { webhookChannel, webhookOperation } from './webhook-channel.js';

type Parts = Record<string, object>;

/** Holds no route, so that only models are described. */
@Module({})
class NoRoutes {}

const reference = (path: string): { readonly $ref: string } => ({ $ref: `#/${path}` });
const schemaOf = (model: Type): { readonly $ref: string } => reference(`components/schemas/${model.name}`);

/** The description of everything that NYX sends by itself, from the same classes that its routes and events are typed by. */
export function createAsyncApi(app: INestApplication): object {
  return withWideIntegers({
    asyncapi: '3.0.0',
    info: {
      title: 'NYX Autonomous Agent API: events',
      version: API_VERSION,
      description:
        'What NYX sends as it happens: namespaces of Socket.IO, and webhooks. Objects may carry more members than are described here.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: {
      ...Object.fromEntries(LIVE_CHANNELS.map((channel) => [channel.id, channelOf(channel)])),
      webhooks: webhookChannel(Object.fromEntries(EVENT_TYPES.map((type) => [type, envelopeRef(type)]))),
    },
    operations: {
      ...Object.fromEntries(LIVE_CHANNELS.flatMap(operationsOf)),
      sendWebhook: webhookOperation(EVENT_TYPES),
    },
    components: { schemas: schemas(app), messages: eventMessages(), securitySchemes: SECURITY },
  });
}

const SERVERS = {
  nyx: {
    host: '{host}',
    protocol: 'ws',
    description: 'NYX by Socket.IO 4, over WebSocket. Behind TLS it is wss.',
    variables: { host: { default: '127.0.0.1:8000', description: 'Where NYX listens.' } },
    security: [reference('components/securitySchemes/token'), reference('components/securitySchemes/apiKey')],
  },
  subscriber: {
    host: '{host}',
    protocol: 'https',
    description: 'Where a webhook is sent.',
    variables: { host: { default: 'example.com', description: 'As the subscription says.' } },
  },
};

const SECURITY = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'In the handshake of Socket.IO: `auth: {token}`. A refusal is a `connect_error` with `data.error_code`.',
  },
  apiKey: { type: 'apiKey', in: 'user', description: 'In the handshake of Socket.IO: `auth: {apiKey}`.' },
};

function channelOf({ id, address, title, description, sends, takes }: LiveChannel): object {
  const own = [...sends, ...takes].map((message) => [message.name, messageOf(message)]);
  const answers = takes.map((message) => [acknowledgementOf(message), acknowledgement(message)]);
  return {
    address,
    title,
    description,
    servers: [reference('servers/nyx')],
    messages: { ...(id === 'workflows' && eventMessageRefs()), ...(Object.fromEntries([...own, ...answers]) as Parts) },
  };
}

function operationsOf({ id, sends, takes }: LiveChannel): [string, object][] {
  const channel = reference(`channels/${id}`);
  const messages = (...names: string[]) => names.map((name) => reference(`channels/${id}/messages/${name}`));
  const events = id === 'workflows' ? EVENT_TYPES : [];
  return [
    [`send_${id}`, { action: 'send', channel, messages: messages(...events, ...sends.map(({ name }) => name)) }],
    ...takes.map((message): [string, object] => [
      `receive_${id}_${message.name}`,
      {
        action: 'receive',
        channel,
        summary: message.summary,
        messages: messages(message.name),
        reply: { channel, messages: messages(acknowledgementOf(message)) },
      },
    ]),
  ];
}

const messageOf = ({ name, summary, payload }: LiveMessage): object => ({
  name,
  title: name,
  summary,
  payload: typeof payload === 'function' ? schemaOf(payload) : payload,
});

const acknowledgementOf = ({ name }: LiveMessage): string => `${name}.acknowledged`;

const acknowledgement = (message: LiveMessage): object => ({
  name: message.name,
  title: `Acknowledgement of ${message.name}`,
  summary: 'The argument of the callback.',
  payload: message.acknowledgement,
});

const eventMessageRefs = (): Parts =>
  Object.fromEntries(EVENT_TYPES.map((type) => [type, reference(`components/messages/${type}`)]));

const eventMessages = (): Parts =>
  Object.fromEntries(EVENT_TYPES.map((type) => [type, { name: 'event', title: type, payload: envelopeRef(type) }]));

/** `WorkflowStartedEvent` */
const envelopeName = (type: EventType): string =>
  `${type
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Event`;

const envelopeRef = (type: EventType): { readonly $ref: string } =>
  reference(`components/schemas/${envelopeName(type)}`);

function envelopeOf(type: EventType): JsonSchema {
  const data = EVENT_DATA[type].map(schemaOf);
  return {
    type: 'object',
    required: ['workflow_id', 'seq', 'type', 'at', 'data'],
    properties: {
      workflow_id: { type: 'string', format: 'uuid' },
      seq: { type: 'integer', minimum: 1, description: '1, 2, 3 … in a workflow, without gaps.' },
      type: { const: type },
      at: { type: 'string', format: 'date-time' },
      data: data.length === 1 ? data[0] : { anyOf: data },
    },
  };
}

function schemas(app: INestApplication): Parts {
  const models = [
    ...Object.values(EVENT_DATA).flat(),
    ...LIVE_CHANNELS.flatMap(({ sends }) => sends.flatMap(({ payload }) => (isModel(payload) ? [payload] : []))),
  ];
  const { components } = SwaggerModule.createDocument(app, new DocumentBuilder().build(), {
    include: [NoRoutes],
    extraModels: models,
  });
  const described = Object.entries((components?.schemas ?? {}) as Record<string, ApiSchema>);
  return Object.fromEntries([
    ...described.map(([name, schema]) => [name, jsonSchema(schema)]),
    ...EVENT_TYPES.map((type) => [envelopeName(type), envelopeOf(type)]),
  ]) as Parts;
}

const isModel = (payload: LiveMessage['payload']): payload is Type => typeof payload === 'function';
