import { Injectable } from '@nestjs/common';
import type { Owner } from './owner.js';

/** What somebody wants a call or a run to be shown with. */
export interface Attribution {
  readonly thoughtId: string | undefined;
  readonly agentId: string | undefined;
}

/** @throws Problem VALIDATION_ERROR for what does not exist, or is another's */
type AttributionCheck = (attribution: Attribution, owner: Owner) => Promise<void>;

/** Whether what people name exists for them; the room that keeps thoughts and agents is above those in which they are named. */
@Injectable()
export class Attributions {
  private check: AttributionCheck | undefined;

  /** To be called in a constructor, by who keeps thoughts and agents. */
  register(check: AttributionCheck): void {
    this.check = check;
  }

  /**
   * @param owner whose thoughts and agents may be named
   * @throws Problem VALIDATION_ERROR
   */
  async require(attribution: Attribution, owner: Owner): Promise<void> {
    if (attribution.thoughtId === undefined && attribution.agentId === undefined) return;
    if (this.check === undefined) throw new Error('Nobody keeps thoughts and agents.');
    await this.check(attribution, owner);
  }
}
