import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppConfig } from '../../config/app-config.js';
import { EgressProxy } from '../../egress/proxy.js';
import { catalogOf } from '../../llm/model-catalog.js';
import { AnthropicProvider } from '../../llm/providers/anthropic/anthropic.provider.js';
import type { ProviderModel } from '../../llm/providers/provider.js';
import { Metrics } from '../../telemetry/metrics.js';
import { Sandbox } from '../../tools/sandbox/sandbox.js';
import { existing, folderComplaint } from '../writable-folders.js';
import { good, note, wrong, type Finding } from './finding.js';

const MODEL_TIMEOUT_MS = 10_000;
const GIB = 1024 ** 3;
const LEAST_GIB = 1;
/** Files that hold secrets, below the data folder. */
const SECRETS = ['jwt-secret', 'postgres/password', 'mcp.json'];

export async function checkSandbox(config: AppConfig): Promise<Finding> {
  const { requireSandbox } = config.tools;
  const tools = { ...config.tools, requireSandbox: false };
  const sandbox = new Sandbox(
    Object.assign(Object.create(config) as AppConfig, { tools }),
    new EgressProxy([]),
    new Metrics(),
  );
  try {
    await sandbox.onModuleInit();
    const availability = sandbox.availability();
    if (availability.available) return good('sandbox', 'A program was run in it.');
    const says = `${availability.reason} Until then tools that run programs answer 503.`;
    return requireSandbox ? wrong('sandbox', `NYX_REQUIRE_SANDBOX is set. ${says}`) : note('sandbox', says);
  } finally {
    await sandbox.onApplicationShutdown();
  }
}

/** Asks for the list of models, which costs nothing. */
export async function checkModel(config: AppConfig): Promise<Finding> {
  const { apiKey, baseUrl } = config.llm;
  if (apiKey === undefined) {
    return note('model', 'ANTHROPIC_API_KEY is not set: the offline provider answers by rules. Set it to use a model.');
  }
  const where = baseUrl ?? "Anthropic's API";
  try {
    const models = await new AnthropicProvider({ apiKey, baseUrl }).listModels(AbortSignal.timeout(MODEL_TIMEOUT_MS));
    const missing = unlisted(config, models);
    if (missing.length === 0) return good('model', `${where} takes the key and has ${models.length} models.`);
    const names = missing.join(', ');
    return note('model', `${where} takes the key and does not list ${names}: calls that ask for it may be refused.`);
  } catch (error) {
    const { status } = error as { status?: number };
    if (status === 404) return note('model', `${where} answers, but has no list of models, so the key was not tried.`);
    if (status === 401 || status === 403) return wrong('model', `${where} refuses the key: check ANTHROPIC_API_KEY.`);
    if (status !== undefined)
      return wrong('model', `${where} answers ${status}: look at its status page, or try again.`);
    return wrong('model', `${where} cannot be reached: check ANTHROPIC_BASE_URL, the network and its proxy.`);
  }
}

/** Names of the configuration whose models the provider does not list, or has retired without another one. */
function unlisted({ llm }: AppConfig, models: readonly ProviderModel[]): string[] {
  const listed = new Set(models.filter(({ lifecycle }) => lifecycle !== 'retired').map(({ id }) => id));
  const catalog = catalogOf({ llm });
  catalog.replace(models);
  const missing = (name: string): string[] => {
    const id = catalog.idOf(name);
    return id !== undefined && listed.has(id) ? [] : [id === undefined || id === name ? name : `${name} (${id})`];
  };
  return [...new Set([llm.defaultModel, ...Object.keys(llm.modelAliases)])].flatMap(missing);
}

/** Room and leave to write, in the data folder, the workspace and the archive, or where they would be made. */
export async function checkFolders(config: AppConfig): Promise<Finding[]> {
  const { archiveDir } = config.retention;
  return Promise.all([
    checkFolder('data folder', 'NYX_DATA_DIR', config.dataDir),
    checkFolder('workspace', 'NYX_WORKSPACE', config.workspaceDir),
    ...(archiveDir === undefined ? [] : [checkFolder('archive', 'NYX_ARCHIVE_DIR', archiveDir)]),
  ]);
}

async function checkFolder(what: string, variable: string, wanted: string): Promise<Finding> {
  const complaint = await folderComplaint(variable, wanted);
  if (complaint !== undefined) return wrong(what, complaint);
  const { bavail, bsize, files, ffree } = await statfs(await existing(wanted));
  const free = (bavail * bsize) / GIB;
  // Rounded down: what is too little may not read as enough.
  const says = `${wanted} can be written; ${(Math.floor(free * 10) / 10).toFixed(1)} GiB are free.`;
  if (files > 0 && ffree < 1_000)
    return wrong(what, `${says} The file system has no room for more files: remove some.`);
  return free < LEAST_GIB ? wrong(what, `${says} Make room, or set ${variable} to another disk.`) : good(what, says);
}

/** Whether others on this machine may read them. */
export async function checkSecrets(config: AppConfig): Promise<Finding> {
  const files = [...SECRETS.map((name) => join(config.dataDir, name)), '.env'];
  const open: string[] = [];
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true && (found.mode & 0o077) !== 0) open.push(file);
  }
  if (open.length === 0) return good('secrets', 'Only their owner may read the files that hold them.');
  return wrong('secrets', `Others may read ${open.join(', ')}: chmod 600.`);
}
