import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../database/checks.js';
import type { ThrottleKind } from './login-throttle.rules.js';

/** Wrong sign-ins in a row, by account and by address. Names are kept as hashes: those that do not exist are counted too. */
@Entity('login_failures')
@Check('ck_login_failures_kind', oneOf('kind', ['account', 'address']))
@Check('ck_login_failures_count', '"failures" >= 0')
@Index('ix_login_failures_last_at', ['lastAt'])
export class LoginFailureEntity {
  @PrimaryColumn({ name: 'kind', type: 'varchar', length: 10, primaryKeyConstraintName: 'pk_login_failures' })
  kind!: ThrottleKind;

  @PrimaryColumn({ name: 'key', type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_login_failures' })
  key!: string;

  @Column({ name: 'failures', type: 'integer' })
  failures!: number;

  @Column({ name: 'last_at', type: 'timestamptz' })
  lastAt!: Date;

  /** Until then nobody is let try. */
  @Column({ name: 'blocked_until', type: 'timestamptz' })
  blockedUntil!: Date;
}
