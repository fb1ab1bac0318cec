/** A role of the sandbox's account, as the Sub Account product knows it. */
export type Role = {
  /** The id in requests: `roleNo` of the roles list, UUID form. */
  readonly id: string;
  /** The id in answers. */
  readonly nrn: string;
  readonly type: 'Service' | 'Server' | 'Account';
  /** True if External Access is assigned to the role. */
  readonly externalAccess: boolean;
};

export const ACCOUNT_NUMBER = '1234567';

/**
 * The account's roles. Only `Service` roles with External Access can be mapped to a profile
 * (management-subaccount-patchprofiles). No page states that an NRN contains the id
 * (management-subaccount-getroles lists both), so here it does not.
 */
export const ROLES: readonly Role[] = [
  role('5d0d4d80-0000-4000-8000-246e96591a38', 'b1f7c2aa-0000-4000-8000-0000000000a1', 'Service'),
  role('5d0d4d80-0000-4000-8000-246e96591a39', 'a2e6d3bb-0000-4000-8000-0000000000a2', 'Service'),
  role('5d0d4d80-0000-4000-8000-246e96591a3a', '93d5e4cc-0000-4000-8000-0000000000a3', 'Service'),
  role('5d0d4d80-0000-4000-8000-246e96591a3b', '84c4f5dd-0000-4000-8000-0000000000a4', 'Service'),
  {
    ...role(
      '5d0d4d80-0000-4000-8000-246e96591a3c',
      '75b306ee-0000-4000-8000-0000000000a5',
      'Service',
    ),
    externalAccess: false,
  },
  role('5d0d4d80-0000-4000-8000-246e96591a3d', '66a217ff-0000-4000-8000-0000000000a6', 'Server'),
];

/** The NRN of a role in the table; throws for an id that is not. For seeds. */
export function roleNrn(id: string): string {
  const found = ROLES.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no sandbox role ${id}`);
  return found.nrn;
}

function role(id: string, resource: string, type: Role['type']): Role {
  const nrn = `nrn:PUB:SubAccount::${ACCOUNT_NUMBER}:Role/${resource}`;
  return { id, nrn, type, externalAccess: true };
}
