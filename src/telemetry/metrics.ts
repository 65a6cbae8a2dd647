import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { SharedReads } from '../waiting/shared-reads.js';

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 240];
const WORK_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const WORKFLOW_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 900, 1800, 3600, 14_400, 86_400];
const LAG_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Sets gauges when somebody asks for the metrics. */
type Gathering = () => void | Promise<void>;

/**
 * The instruments of one application, in a registry of its own: several applications of one process do not add up. Labels take only
 * values of a known, small set; ids, paths and texts are none. What happens in a transaction is counted by who commits it, once.
 * Who counts by labels that an alert names begins each of them at 0: Prometheus sees no growth in the value that a series begins with.
 */
@Injectable()
export class Metrics {
  private readonly logger = new Logger(Metrics.name);
  private readonly registry = new Registry();
  private readonly gatherings: Gathering[] = [];
  /** A text of some thousand lines takes longer to write than any other answer. */
  private readonly texts = new SharedReads(() => this.write());

  readonly http = {
    requests: this.counter('nyx_http_requests_total', 'Answered HTTP requests.', ['method', 'route', 'status']),
    seconds: this.histogram(
      'nyx_http_request_duration_seconds',
      'From the arrival of an HTTP request to the end of its answer.',
      ['method', 'route'],
      REQUEST_SECONDS,
    ),
    inProgress: this.gauge('nyx_http_requests_in_progress', 'HTTP requests that are being answered.', []),
  };

  readonly workflows = {
    started: this.counter('nyx_workflows_started_total', 'Workflows that were accepted.', ['origin', 'input_type']),
    ended: this.counter('nyx_workflows_ended_total', 'Workflows that ended.', ['status', 'strategy', 'origin']),
    seconds: this.histogram(
      'nyx_workflow_duration_seconds',
      'From the acceptance of a workflow to its end.',
      ['status', 'strategy'],
      WORKFLOW_SECONDS,
    ),
    running: this.gauge('nyx_workflows_running', 'Workflows that this replica runs.', []),
    unfinished: this.gauge('nyx_workflows_unfinished', 'Workflows of all replicas that have not ended.', ['status']),
    queued: this.gauge('nyx_queue_depth', 'Durable functions of all replicas that wait for their turn.', ['queue']),
  };

  readonly agents = {
    spawned: this.counter('nyx_agents_spawned_total', 'Agents that began to work.', ['type']),
    ended: this.counter('nyx_agents_ended_total', 'Agents that ended.', ['type', 'status']),
  };

  readonly llm = {
    calls: this.counter('nyx_llm_calls_total', 'Attempts at model calls that ended.', ['model', 'outcome']),
    seconds: this.histogram(
      'nyx_llm_call_duration_seconds',
      'From sending an attempt at a model call to the end of its answer.',
      ['model', 'outcome'],
      WORK_SECONDS,
    ),
    tokens: this.counter('nyx_llm_tokens_total', 'Tokens that were paid for.', ['model', 'kind']),
    costUsd: this.counter('nyx_llm_cost_usd_total', 'What was booked for model calls, in USD.', ['model']),
    cacheHits: this.counter('nyx_llm_cache_hits_total', 'Answers that read from the cache of the provider.', ['model']),
    breakerOpen: this.gauge('nyx_llm_breaker_open', 'Whether calls of a model are refused, as it failed in a row.', [
      'model',
    ]),
  };

  readonly budget = {
    refusals: this.counter('nyx_budget_refusals_total', 'Model calls that a budget had no room for.', ['scope']),
  };

  readonly tools = {
    runs: this.counter('nyx_tool_runs_total', 'Calls of tools that ended, refused ones included.', ['tool', 'outcome']),
    seconds: this.histogram('nyx_tool_run_duration_seconds', 'How long tools ran.', ['tool'], WORK_SECONDS),
    sandboxRuns: this.counter('nyx_sandbox_runs_total', 'Programs that ran in the sandbox to their end.', ['end']),
  };

  readonly engine = {
    evaluations: this.counter('nyx_engine_evaluations_total', 'Evaluations of the motivations.', []),
    seconds: this.histogram(
      'nyx_engine_evaluation_duration_seconds',
      'How long evaluations of the motivations took.',
      [],
      WORK_SECONDS,
    ),
    spawned: this.counter('nyx_engine_tasks_spawned_total', 'Tasks that motivations were given.', ['motivation']),
    errors: this.counter('nyx_engine_errors_total', 'Evaluations of the motivations that failed.', []),
  };

  readonly events = {
    lag: this.histogram(
      'nyx_event_lag_seconds',
      'From the commit of an event to this replica hearing of it through the database.',
      [],
      LAG_SECONDS,
    ),
  };

  readonly database = {
    connections: this.gauge('nyx_database_pool_connections', 'Connections of the pools.', ['pool', 'state']),
    waiting: this.gauge('nyx_database_pool_waiting', 'Who waits for a connection of a pool.', ['pool']),
    clockSkew: this.gauge('nyx_clock_skew_seconds', "By how much the database's clock is ahead of this replica's.", []),
  };

  readonly replicas = {
    takenOver: this.counter('nyx_executors_taken_over_total', 'Dead or frozen replicas this one took over from.', []),
    recovered: this.counter('nyx_functions_recovered_total', 'Unfinished durable functions it took over.', []),
    fencings: this.counter('nyx_fencings_total', 'How often this replica was taken for dead and began anew.', []),
  };

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** To be called in constructors. What cannot be found out is left out of the answer; it stops nothing. */
  onGather(gathering: Gathering): void {
    this.gatherings.push(gathering);
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** The text format of Prometheus, version 0.0.4. Who asks at the same time shares one. */
  text(): Promise<string> {
    return this.texts.read('all');
  }

  private async write(): Promise<string> {
    await Promise.all(
      this.gatherings.map(async (gather) => {
        try {
          await gather();
        } catch (error) {
          this.logger.debug(`Some metrics could not be gathered: ${String(error)}`);
        }
      }),
    );
    return this.registry.metrics();
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
