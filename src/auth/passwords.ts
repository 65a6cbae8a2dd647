import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's Argon2id profile: 19 MiB, two passes, one lane. */
const PROFILE = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

@Injectable()
export class Passwords {
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return hash(password, PROFILE);
  }

  /** Takes as long for an unknown user (`undefined`) as for a wrong password. */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    this.decoy ??= this.hash('nobody has this password');
    const isRight = await verify(stored ?? (await this.decoy), password);
    return stored !== undefined && isRight;
  }
}
