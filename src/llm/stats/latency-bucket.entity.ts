import { Column, Entity, PrimaryColumn } from 'typeorm';

const key = { primaryKeyConstraintName: 'pk_llm_latency_buckets' } as const;

/** How many rolled-up answers took how long; `latency.rules.ts` says what a bucket stands for. */
@Entity('llm_latency_buckets')
export class LatencyBucketEntity {
  @PrimaryColumn({ name: 'model', type: 'varchar', length: 100, ...key })
  model!: string;

  @PrimaryColumn({ name: 'bucket', type: 'integer', ...key })
  bucket!: number;

  @Column({ name: 'answers', type: 'bigint' })
  answers!: string;
}
