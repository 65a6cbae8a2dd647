import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { StartError } from '../../config/start-error.js';
import { untilConnected } from '../../database/connection-errors.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import type { BuiltInTemplate, TemplateRef } from './built-in-template.js';
import { MADE_BY_NYX } from './prompt-template.values.js';
import { seedingOf, type StoredVersion } from './seeding.rules.js';
import {
  compiled,
  rendered,
  takesTheSame,
  TEMPLATE_NAME,
  templateErrors,
  type CompiledTemplate,
} from './template.rules.js';
import { addVersion, CHANNEL, lockVersions } from './version-rows.js';

export interface RenderedPrompt {
  readonly text: string;
  readonly ref: TemplateRef;
}

interface InUse {
  readonly ref: TemplateRef;
  readonly template: CompiledTemplate;
}

/**
 * The prompts NYX sends by itself. Each is registered by the code that sends it, has its versions in the database, and is rendered
 * from the active one, which every replica keeps at hand and reads again when it is told of a change.
 */
@Injectable()
export class PromptTemplates implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(PromptTemplates.name);
  private readonly builtIns = new Map<string, BuiltInTemplate>();
  private readonly inUse = new Map<string, InUse>();
  private readonly stopping = new AbortController();
  /** Reads follow one another, so that an older answer never replaces a newer one. */
  private reading: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    notifications: Notifications,
  ) {
    notifications.on(CHANNEL, (name) => this.readInBackground([name]));
    notifications.onReconnect(() => this.readInBackground([...this.builtIns.keys()]));
  }

  /** To be called in constructors. @throws StartError when a name is taken or a template is not valid: then NYX does not start */
  register(templates: readonly BuiltInTemplate[]): void {
    for (const template of templates) {
      const { name } = template;
      if (this.builtIns.has(name))
        throw new StartError(`Two prompt templates are named ${name}: rename one, or register it once.`);
      if (!TEMPLATE_NAME.test(name))
        throw new StartError(
          `A prompt template cannot be named ${JSON.stringify(name)}: its name must match ${TEMPLATE_NAME.source}.`,
        );
      const [error] = templateErrors(template);
      if (error) throw new StartError(`The prompt template ${name} is not valid: ${error.field}: ${error.message}`);
      this.builtIns.set(name, template);
    }
  }

  async onModuleInit(): Promise<void> {
    await this.seed();
    await this.read([...this.builtIns.keys()]);
    const missing = [...this.builtIns.keys()].find((name) => !this.inUse.has(name));
    if (missing !== undefined) throw new Error(`The prompt template ${missing} has no version that can be used.`);
  }

  onApplicationShutdown(): void {
    this.stopping.abort();
  }

  /** The code's own text of a name; undefined for names that only the database knows. */
  builtIn(name: string): BuiltInTemplate | undefined {
    return this.builtIns.get(name);
  }

  /** Asks nobody. @throws Error when the name is not registered or the values do not fit, see `rendered` */
  render(name: string, values: Readonly<Record<string, unknown>>): RenderedPrompt {
    const found = this.inUse.get(name);
    if (found === undefined) throw new Error(`No prompt template is registered as ${name}.`);
    return { text: rendered(found.template, values), ref: found.ref };
  }

  /** After the commit of a change of a name's versions: true of this process when it resolves, of the others soon after. */
  changed(name: string): Promise<void> {
    return this.read([name]);
  }

  /** Gives every built-in template its rows. Replicas that start at once take turns, and all but the first find nothing to do. */
  private async seed(): Promise<void> {
    const names = [...this.builtIns.keys()];
    await this.database.transaction(async (tx) => {
      await lockVersions(tx);
      const stored = await this.stored(tx, names);
      for (const [name, template] of this.builtIns) {
        const seeding = seedingOf(template, versionsOf(name, stored));
        if (seeding === undefined) continue;
        await addVersion(tx, { ...template, ...seeding, createdBy: MADE_BY_NYX });
      }
    });
  }

  private readInBackground(names: readonly string[]): void {
    this.read(names).catch((error: unknown) => {
      if (!this.stopping.signal.aborted)
        this.logger.error(`Prompt templates could not be read again: ${String(error)}`);
    });
  }

  private read(names: readonly string[]): Promise<void> {
    const ours = names.filter((name) => this.builtIns.has(name));
    const read = this.reading.then(async () => {
      if (ours.length === 0) return;
      const stored = await untilConnected(() => this.stored(this.database, ours), this.stopping.signal);
      for (const name of ours) this.use(name, versionsOf(name, stored));
    });
    this.reading = read.catch(() => undefined);
    return read;
  }

  /** The active versions, and those that NYX made. */
  private stored(sql: Pick<Database, 'query'>, names: readonly string[]): Promise<StoredVersion[]> {
    return sql.query<StoredVersion>(
      `SELECT name, version, template_type, content, variables, is_active, created_by FROM prompt_templates
        WHERE name = ANY($1::text[]) AND (is_active OR created_by = '${MADE_BY_NYX}') ORDER BY is_active DESC, version DESC`,
      [names],
    );
  }

  /**
   * Takes the active version, unless it wants other values than this release gives: a team's version from before an update, or a
   * newer release's while replicas are updated one by one. Then it is NYX's own latest that fits.
   */
  private use(name: string, stored: readonly StoredVersion[]): void {
    const given = this.builtIns.get(name)?.variables ?? [];
    const fitting = stored.find(
      (version) => takesTheSame(version.variables, given) && templateErrors(version).length === 0,
    );
    if (fitting === undefined) {
      this.logger.error(`The prompt template ${name} has no version that this release can use.`);
      return;
    }
    if (!fitting.is_active) {
      this.logger.warn(
        `The active version of the prompt template ${name} wants other variables; version ${fitting.version} is used.`,
      );
    }
    this.inUse.set(name, { ref: { name, version: fitting.version }, template: compiled(fitting) });
  }
}

const versionsOf = (name: string, stored: readonly StoredVersion[]): StoredVersion[] =>
  stored.filter((version) => version.name === name);
