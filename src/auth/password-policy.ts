import { Injectable } from '@nestjs/common';
import { commonPasswords } from '../config/common-passwords.js';
import { policyComplaint } from '../config/password-policy.rules.js';
import { invalid } from '../http/problem.js';

/** What a new password may be, beyond its length. */
@Injectable()
export class PasswordPolicy {
  /** @throws Problem VALIDATION_ERROR naming the field */
  check(field: string, password: string, username: string): void {
    const complaint = policyComplaint(password, username, commonPasswords());
    if (complaint !== undefined) throw invalid(field, complaint);
  }
}
