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

  /** Of the durable functions: only replicas with the same take their work over. */
  @Column({ name: 'version', type: 'varchar', length: 50 })
  version!: string;

  /** The version of NYX. */
  @Column({ name: 'release', type: 'varchar', length: 50, default: 'unknown' })
  release!: string;

  /** Of api, worker and engine, separated by commas. */
  @Column({ name: 'roles', type: 'varchar', length: 50, default: 'api,worker,engine' })
  roles!: string;

  @Column({ name: 'started_at', type: 'timestamptz', default: () => 'now()' })
  startedAt!: Date;

  @Column({ name: 'last_beat_at', type: 'timestamptz', default: () => 'now()' })
  lastBeatAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;
}
