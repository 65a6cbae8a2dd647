import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../database/checks.js';
import { EXECUTOR_STATUSES, type ExecutorStatus } from './executor.values.js';

@Entity('executors')
@Check('ck_executors_status', oneOf('status', EXECUTOR_STATUSES))
@Index('ix_executors_live', ['lastBeatAt'], { where: "status <> 'gone'" })
export class ExecutorEntity {
  @PrimaryColumn({ name: 'id', type: 'varchar', length: 100, primaryKeyConstraintName: 'pk_executors' })
  id!: string;

  @Column({ name: 'status', type: 'varchar', length: 20 })
  status!: ExecutorStatus;

  @Column({ name: 'lock_key', type: 'bigint' })
  lockKey!: string;

  @Column({ name: 'version', type: 'varchar', length: 50 })
  version!: string;

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' })
  startedAt!: Date;

  @Column({ name: 'last_beat_at', type: 'timestamptz', default: () => 'now()' })
  lastBeatAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;
}
