import type { Change, CreateDeclaration, FieldError } from '../../src/adapter-kit/index.ts';
import { regionPart } from './preflight.ts';

/**
 * Names are unique: a repeat is a 409 (recorded, Keystone 22). One database, so a search shows a
 * project at once; a request may be served as late as a write.
 */
export const CREATE_KEYSTONE: CreateDeclaration = {
  repeat: 'conflict',
  settleMs: 30_000,
  absence: 'not_created',
};

/**
 * Names are unique (IAM API reference, Creating a Project: 409). Reads may lag: the vendor's
 * Terraform provider asks for a new project for 50 s.
 */
export const CREATE_OTC: CreateDeclaration = {
  repeat: 'conflict',
  settleMs: 90_000,
  absence: 'not_created',
};

/** On otc a name begins with an existing region (IAM API reference, Creating a Project). */
export function checkRegion(changes: readonly Change[]): Omit<FieldError, 'supportedBy'>[] {
  const name = changes.find(({ pointer }) => pointer === '/name');
  if (name === undefined) return [];
  const region = typeof name.value === 'string' ? regionPart(name.value) : undefined;
  if (region !== undefined && region !== '') return [];
  const detail = 'must begin with the name of a region and "_", such as "eu-de_"';
  return [{ pointer: '/name', code: 'constraint_violated', detail }];
}
