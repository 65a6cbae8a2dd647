import { Inject, Injectable } from '@nestjs/common';
import { StartError } from '../../config/start-error.js';
import type { Motivation } from './motivation.js';

export const MOTIVATIONS = Symbol('motivations');

const NAME = /^[a-z][a-z_]{0,99}$/;

/** Every motivation by its type. Throws at start when two share one. */
@Injectable()
export class MotivationRegistry {
  private readonly byType = new Map<string, Motivation>();

  constructor(@Inject(MOTIVATIONS) motivations: readonly Motivation[]) {
    this.register(...motivations);
  }

  /** For modules of a team's own, in their constructors. @throws StartError naming what is wrong */
  register(...motivations: readonly Motivation[]): void {
    for (const motivation of motivations) {
      if (!NAME.test(motivation.type))
        throw new StartError(
          `${JSON.stringify(motivation.type)} is no name of a motivation: give it a type of a-z and _, at most 100.`,
        );
      if (this.byType.has(motivation.type))
        throw new StartError(
          `Two motivations are named ${motivation.type}: give one another type, or register it once.`,
        );
      this.byType.set(motivation.type, motivation);
    }
  }

  get all(): readonly Motivation[] {
    return [...this.byType.values()];
  }

  find(type: string): Motivation | undefined {
    return this.byType.get(type);
  }
}
