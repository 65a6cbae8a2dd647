import { Injectable } from '@nestjs/common';
import { newId } from './ids.js';

/** Which executor this process is, as reservations and claims record it. The durable room sets it at boot and when it relaunches. */
@Injectable()
export class ExecutorIdentity {
  private current = newId();

  get id(): string {
    return this.current;
  }

  become(id: string): void {
    this.current = id;
  }
}
