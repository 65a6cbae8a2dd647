import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { oneOf } from '../database/checks.js';
import { ROLES, type Role } from './roles.js';

@Entity('users')
@Check('ck_users_role', oneOf('role', ROLES))
@Check('ck_users_token_version', '"token_version" >= 0')
@Index('uq_users_username', ['username'], { unique: true })
@Index('ix_users_created_at', ['createdAt', 'id'])
export class UserEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'pk_users' })
  id!: string;

  @Column({ name: 'username', type: 'varchar', length: 100 })
  username!: string;

  @Column({ name: 'password_hash', type: 'text' })
  passwordHash!: string;

  @Column({ name: 'role', type: 'varchar', length: 20 })
  role!: Role;

  @Column({ name: 'is_active', type: 'boolean', default: true })
  isActive!: boolean;

  @Column({ name: 'token_version', type: 'integer', default: 0 })
  tokenVersion!: number;

  @Column({ name: 'last_login_at', type: 'timestamptz', nullable: true })
  lastLoginAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', default: () => 'now()' })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', default: () => 'now()' })
  updatedAt!: Date;
}
