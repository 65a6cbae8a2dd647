import type { Decimal } from 'decimal.js';
import type { McpServerConfig } from './mcp-server.js';
import type { ModelPrice } from './model-price.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type Role = 'viewer' | 'operator' | 'admin';
/**
 * What a process is there for: requests; running workflows; starting what is due (schedules, the motivation engine). Upkeep (taking over what others
 * left, retention, erasing) is nobody's alone: each replica sweeps, one at a time.
 */
export const DUTIES = ['api', 'worker', 'engine'] as const;
export type Duty = (typeof DUTIES)[number];

/** Everything the environment decides, validated once at start. The one injectable source of configuration. */
export class AppConfig {
  readonly environment!: 'development' | 'production' | 'test';
  /** Not empty. */
  readonly duties!: readonly Duty[];
  readonly http!: {
    readonly host: string;
    readonly port: number;
    /** The variables that both are from. */
    readonly names: { readonly host: string; readonly port: string };
    readonly corsOrigins: readonly string[];
    /** Proxies whose X-Forwarded-For is believed: addresses or CIDR ranges. */
    readonly trustedProxies: readonly string[];
  };
  readonly database!: {
    /** Unset: the embedded PostgreSQL in the data folder. */
    readonly url: string | undefined;
    /** Connections each of the two pools (application, durable engine) may open. */
    readonly poolSize: number;
  };
  /** Absolute. Embedded database, generated secrets, workspace. */
  readonly dataDir!: string;
  readonly workspaceDir!: string;
  readonly admin!: { readonly username: string; readonly password: string | undefined };
  /** At least 32 bytes; given or generated and kept in the data folder. */
  readonly jwtSecret!: string;
  /** Those before it, whose tokens are taken until they expire. */
  readonly jwtPreviousSecrets!: readonly string[];
  /** Whose access tokens are taken besides our own. */
  readonly oidc!: { readonly issuer: string; readonly audience: string; readonly rolesClaim: string } | undefined;
  /** Whether viewers and operators see and act only on what is their own. */
  readonly isolatePrincipals!: boolean;
  readonly deploymentApiKey!: { readonly key: string; readonly role: Role } | undefined;
  readonly llm!: {
    readonly apiKey: string | undefined;
    readonly baseUrl: string | undefined;
    /** A model's id or an alias, as wherever a model is named. */
    readonly defaultModel: string;
    /** Model ids by alias, the default ones among them. */
    readonly modelAliases: Readonly<Record<string, string>>;
    /** By model id; they go before the list prices, and make a model known that is not listed. */
    readonly modelPrices: Readonly<Record<string, ModelPrice>>;
    /** For a whole call that names no time of its own. */
    readonly timeoutSeconds: number;
    /** Until an answer begins. */
    readonly firstTokenTimeoutSeconds: number;
    /** Calls of one model at once, on this replica. */
    readonly maxConcurrentCalls: number;
    /** How long a call waits for its turn before it is refused. */
    readonly queueTimeoutSeconds: number;
    /** Outages in a row that open the breaker of a model, and how long it then stays open. */
    readonly breakerFailures: number;
    readonly breakerProbeSeconds: number;
  };
  readonly budget!: { readonly dailyUsd: Decimal; readonly workflowUsd: Decimal; readonly autonomousDailyUsd: Decimal };
  readonly limits!: {
    readonly maxRecursionDepth: number;
    readonly maxConcurrentAgents: number;
    readonly retryAttempts: number;
    readonly toolTimeoutSeconds: number;
  };
  readonly tools!: {
    /** Folders with the programs of this machine, as in PATH. */
    readonly searchPath: string;
    /** Without a sandbox the start fails. */
    readonly requireSandbox: boolean;
    /** Of all processes of one run in the sandbox. */
    readonly sandboxMemoryMb: number;
    /** Runs in the sandbox at once, in this process; MCP servers, which stay, do not count. */
    readonly sandboxMaxRuns: number;
    /** What programs in the sandbox may reach; none by default. `host`, `host:port`, `*.domain`, or `*` for every public host. */
    readonly sandboxAllowedHosts: readonly string[];
    /** What http_request may reach; as above. */
    readonly httpAllowedHosts: readonly string[];
    /** Address ranges (CIDR) that may be reached although they are not public. */
    readonly privateRanges: readonly string[];
    /** Absolute; the file that lists MCP servers. Unset: `mcp.json` in the data folder, where there is one. */
    readonly mcpConfigPath: string | undefined;
    /** What that file lists, but for servers that are disabled. */
    readonly mcpServers: readonly McpServerConfig[];
    /** Calls of one tool by one caller in a minute; 0 is off. */
    readonly ratePerMinute: number;
    /** Tool calls of one workflow. */
    readonly maxCallsPerWorkflow: number;
  };
  /** Days after which ended workflows are erased, where the runtime setting says nothing else; 0: never. */
  readonly retention!: {
    readonly workflowsDays: number;
    /** Of model calls and tool runs of no workflow, and of outside events; 0: never, undefined: as long as workflows. */
    readonly callsDays: number | undefined;
    /** Of tasks of the motivation engine; 0: never, undefined: as long as workflows. */
    readonly tasksDays: number | undefined;
    /** Of webhook deliveries that were delivered; 0: never. */
    readonly deliveriesDays: number;
    /** 0 keeps every entry of the audit log. */
    readonly auditDays: number;
    /** Absolute; where rows that are too old are written before they go. Unset: they just go. */
    readonly archiveDir: string | undefined;
  };
  /** Requests per minute and principal; 0 is off. */
  readonly rateLimitPerMinute!: number;
  readonly logLevel!: LogLevel;
  readonly metricsPort!: number | undefined;
  readonly otelEndpoint!: string | undefined;
  /** One sentence per deprecated or ignored setting; logged once at start. */
  readonly warnings!: readonly string[];
}
