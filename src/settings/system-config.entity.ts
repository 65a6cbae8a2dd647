import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../database/checks.js';
import { CONFIG_TYPES, type ConfigType } from './system-config.values.js';

@Entity('system_config')
@Check('ck_system_config_type', oneOf('config_type', CONFIG_TYPES))
@Index('uq_system_config_key', ['configKey'], { unique: true })
export class SystemConfigEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_system_config' })
  id!: string;

  @Column({ name: 'config_key', type: 'varchar', length: 100 })
  configKey!: string;

  @Column({ name: 'config_value', type: 'jsonb' })
  configValue!: unknown;

  @Column({ name: 'config_type', type: 'varchar', length: 20 })
  configType!: ConfigType;

  @Column({ name: 'description', type: 'text', default: '' })
  description!: string;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
