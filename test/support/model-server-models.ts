import type { Json } from './model-server-request.js';

const MODELS: readonly { id: string; line: string; name: string; maxInput: number; maxOutput: number; at: string }[] = [
  {
    id: 'claude-haiku-5-5',
    line: 'haiku',
    name: 'Claude Haiku 5.5',
    maxInput: 1_000_000,
    maxOutput: 64_000,
    at: '2026-09',
  },
  {
    id: 'claude-sonnet-5-5',
    line: 'sonnet',
    name: 'Claude Sonnet 5.5',
    maxInput: 1_000_000,
    maxOutput: 128_000,
    at: '2026-08',
  },
  {
    id: 'claude-opus-5-5',
    line: 'opus',
    name: 'Claude Opus 5.5',
    maxInput: 1_000_000,
    maxOutput: 128_000,
    at: '2026-08',
  },
  {
    id: 'claude-fable-5-2',
    line: 'fable',
    name: 'Claude Fable 5.2',
    maxInput: 1_000_000,
    maxOutput: 128_000,
    at: '2026-10',
  },
  {
    id: 'claude-fable-5-1',
    line: 'fable',
    name: 'Claude Fable 5.1',
    maxInput: 1_000_000,
    maxOutput: 128_000,
    at: '2026-06',
  },
  { id: 'claude-opus-5', line: 'opus', name: 'Claude Opus 5', maxInput: 1_000_000, maxOutput: 128_000, at: '2026-03' },
];

/** How `GET /v1/models` answers until the next reset. */
export interface ModelListing {
  /** Beside the standard models, or in the place of those with the same id. What is not given is as of an active model without limits. */
  models?: readonly ({ id: string } & Json)[];
  /** HTTP error to answer with. */
  status?: number;
  /** A 200 with this body, or with one that is not JSON. */
  body?: unknown;
  malformed?: boolean;
  /** Never answered. */
  hang?: boolean;
  /** Entries a page; default: as many as the request asks for. */
  pageSize?: number;
}

const STANDARD = MODELS.map((model): { id: string } & Json => ({
  type: 'model',
  id: model.id,
  display_name: model.name,
  line: model.line,
  created_at: `${model.at}-01T00:00:00Z`,
  lifecycle: 'active',
  deprecated_at: null,
  retires_at: null,
  max_input_tokens: model.maxInput,
  max_tokens: model.maxOutput,
  capabilities: null,
}));

const PAGE = 20;

/** The models of a server, which a test may change. */
export class ModelShelf {
  private listing: ModelListing = {};

  script(listing: ModelListing): void {
    this.listing = listing;
  }

  get behaviour(): ModelListing {
    return this.listing;
  }

  /** Undefined for a model that is not listed. */
  maxOutputOf(id: string): number | undefined {
    const limit = this.find(id)?.max_tokens;
    return typeof limit === 'number' ? limit : undefined;
  }

  isRetired(id: string): boolean {
    return this.find(id)?.lifecycle === 'retired';
  }

  find(id: string): Json | undefined {
    return this.all().find((model) => model.id === id);
  }

  /** As the API pages: active and deprecated ones unless the query says otherwise. */
  page(query: URLSearchParams): Json {
    const stages = query.has('lifecycle[]') ? query.getAll('lifecycle[]') : ['active', 'deprecated'];
    const models = this.all().filter(({ lifecycle }) => stages.includes(String(lifecycle)));
    const start = models.findIndex(({ id }) => id === query.get('after_id')) + 1;
    const size = this.listing.pageSize ?? Number(query.get('limit') ?? PAGE);
    const data = models.slice(start, start + size);
    return {
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: start + size < models.length,
    };
  }

  private all(): ({ id: string } & Json)[] {
    const given = (this.listing.models ?? []).map((model) => ({ ...UNKNOWN, ...model }));
    return [...STANDARD.filter(({ id }) => !given.some((model) => model.id === id)), ...given];
  }
}

const UNKNOWN = { type: 'model', lifecycle: 'active', deprecated_at: null, retires_at: null, line: null };
