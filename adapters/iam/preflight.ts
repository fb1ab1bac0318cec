import {
  type Change,
  type FieldError,
  own,
  ownObject,
  ownText,
  type StoredProfile,
} from '../../src/adapter-kit/index.ts';

type Refusal = Omit<FieldError, 'supportedBy'>;

/** Rejects every change of a domain, which Keystone stores as a project but is an account. */
export function preflightDomain(changes: readonly Change[], before: StoredProfile): Refusal[] {
  if (!isDomain(before)) return [];
  const detail = 'is a domain, not a project, and cannot be changed';
  return changes.map(({ pointer }) => ({ pointer, code: 'rejected', detail }));
}

/**
 * On otc the region part of a name, before its first `_`, is fixed (IAM user guide,
 * Projects; a change is a 400 with the body `null`, terraform-provider-opentelekomcloud#1799).
 * Built-in projects such as `eu-de` and `MOS` have no such part and keep their name.
 */
export function preflightRegion(changes: readonly Change[], before: StoredProfile): Refusal[] {
  const current = ownText(before.content, 'name');
  const rename = changes.find(({ pointer }) => pointer === '/name');
  if (rename === undefined || current === undefined || rename.value === current) return [];
  const region = regionPart(current);
  if (region === undefined) return [refusal('the target fixes the name of a built-in project')];
  return typeof rename.value === 'string' && regionPart(rename.value) === region
    ? []
    : [refusal(`must begin with "${region}_": the region part of a name is fixed`)];
}

/** Rejects the delete of a domain, which is an account. */
export function preflightRemoveDomain(before: StoredProfile): string | undefined {
  return isDomain(before) ? 'The profile is a domain, not a project.' : undefined;
}

/** The default project of a region and `MOS` cannot be deleted (IAM user guide, Projects). */
export function preflightRemoveBuiltIn(before: StoredProfile): string | undefined {
  const name = ownText(before.content, 'name');
  const isBuiltIn = name !== undefined && regionPart(name) === undefined;
  return isBuiltIn ? 'The target has built-in projects, which cannot be deleted.' : undefined;
}

function isDomain(before: StoredProfile): boolean {
  const extensions = ownObject(before.content, 'extensions');
  return own(ownObject(extensions, 'iam') ?? {}, 'is_domain') === true;
}

function refusal(detail: string): Refusal {
  return { pointer: '/name', code: 'rejected', detail };
}

/** Returns what stands before the first `_` of a name; undefined where there is none. */
export function regionPart(name: string): string | undefined {
  const at = name.indexOf('_');
  return at < 0 ? undefined : name.slice(0, at);
}
