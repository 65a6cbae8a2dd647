const HEADERS = {
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': { type: 'string', description: 'The same however often it is sent: take each once.' },
    'webhook-timestamp': { type: 'string', pattern: '^[0-9]+$', description: 'Seconds since 1970, of this attempt.' },
    'webhook-signature': {
      type: 'string',
      description:
        'HMAC-SHA256 of id, timestamp and body, as `v1,<base64>`; several, with spaces, while a secret is replaced.',
    },
  },
};

/**
 * What a subscriber of `POST /api/v1/system/webhooks` gets, in the form of Standard Webhooks.
 * @param payloads the schema of each type of event
 */
export const webhookChannel = (payloads: Readonly<Record<string, object>>): object => ({
  address: null,
  title: 'Webhooks',
  description:
    'Each event of a subscribed type is posted to the address of the subscription, in order per workflow, and again with growing pauses ' +
    'for 24 hours until a 2xx answers. Headers and signature are those of Standard Webhooks.',
  servers: [{ $ref: '#/servers/subscriber' }],
  messages: Object.fromEntries(
    Object.entries(payloads).map(([type, payload]) => [type, { name: type, title: type, headers: HEADERS, payload }]),
  ),
});

export const webhookOperation = (types: readonly string[]): object => ({
  action: 'send',
  channel: { $ref: '#/channels/webhooks' },
  summary: 'Post an event to a subscriber.',
  messages: types.map((type) => ({ $ref: `#/channels/webhooks/messages/${type}` })),
  bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
});
