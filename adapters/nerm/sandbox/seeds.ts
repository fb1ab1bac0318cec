/** The profiles every sandbox starts with; all people are made up. */
export const SEEDED_IDS = {
  /** Text and date attributes, a name that can be written. */
  plain: '33f072dd-13b4-41e1-8ea0-16f2a59b57c8',
  /** Its type makes the name from `first_name` and `last_name`. */
  computedName: '8d1f2c4e-6a37-4b0d-9a51-2f6f0b7c3e10',
  /** References, several values and a key that is no attribute. */
  assignment: 'c2a9e5d0-4f18-4c63-b7de-91a3d8e60f21',
  /** Archived: stored, but not to be found. */
  archived: 'f7b3604a-90cd-4e2b-8c15-5d2e7a41b932',
  /** The organization that `employer` points to. */
  organisation: '1e6c8f57-b2d4-4a9e-a0f3-7c59d6143b43',
};

/** Users that owner and contributor attributes point to. */
export const SEEDED_USER_IDS = {
  sam: 'a4d0b7e1-3c52-4f86-9e1b-60c7f2d85a54',
  /** The name contains a comma, so a list of names cannot be split with certainty. [N1] */
  robin: 'b95e1c62-7f0a-4d3b-8e64-d1a28f930c65',
};

/** Profile types; the first two have a writable name. */
export const SEEDED_TYPE_IDS = {
  contractor: '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76',
  vendorStaff: '6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087',
  computedName: '7e90bc32-4d6f-4b8c-8e20-3c5d7f90b198',
};

type ProfileType = { readonly name: string; readonly nameParts: readonly string[] };

/** `nameParts`: the attributes a type makes the name from; empty where the name is free. */
export const PROFILE_TYPES: ReadonlyMap<string, ProfileType> = new Map([
  [SEEDED_TYPE_IDS.contractor, { name: 'Contractor', nameParts: [] }],
  [SEEDED_TYPE_IDS.vendorStaff, { name: 'Vendor staff', nameParts: [] }],
  [SEEDED_TYPE_IDS.computedName, { name: 'Person', nameParts: ['first_name', 'last_name'] }],
]);

export const USERS: ReadonlyMap<string, { readonly name: string; readonly email: string }> =
  new Map([
    [SEEDED_USER_IDS.sam, { name: 'Sam Sponsor', email: 'sam@example.com' }],
    [SEEDED_USER_IDS.robin, { name: 'Lee, Robin', email: 'robin.lee@example.com' }],
  ]);

/** The plain profile, and the defaults of `seed`. Times have offset and ms. [N1] */
export const PLAIN_PROFILE = {
  id: SEEDED_IDS.plain,
  // 32 hexadecimal characters by default [N1, N2], though newer tenants may choose freely.
  uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
  name: 'Dana Example',
  profile_type_id: SEEDED_TYPE_IDS.contractor,
  status: 'Active',
  id_proofing_status: 'pending',
  archived: false,
  created_at: '2026-01-05T08:00:00.000-05:00',
  updated_at: '2026-02-03T10:20:30.456-05:00',
  attributes: { cost_centre: '4700', nickname: 'Dee', end_date: '12/31/2026' },
};

export const SEEDED_PROFILES = [
  PLAIN_PROFILE,
  {
    ...PLAIN_PROFILE,
    id: SEEDED_IDS.computedName,
    uid: 'noor-example', // A readable uid is allowed now. [N1]
    name: 'Noor Example',
    profile_type_id: SEEDED_TYPE_IDS.computedName,
    attributes: { first_name: 'Noor', last_name: 'Example', cost_centre: '4700' },
  },
  {
    ...PLAIN_PROFILE,
    id: SEEDED_IDS.assignment,
    uid: '1a4d8b6cf2e35b60ad7c8e9fb0a1c2d3',
    name: 'Night shift',
    profile_type_id: SEEDED_TYPE_IDS.vendorStaff,
    id_proofing_status: 'pass',
    attributes: {
      'Non-Employee Profile ID': SEEDED_IDS.plain,
      start_date: '31-01-2026',
      languages: 'de, ko',
      employer: SEEDED_IDS.organisation,
      colleagues: `${SEEDED_IDS.plain}, ${SEEDED_IDS.computedName}`,
      sponsor: SEEDED_USER_IDS.sam,
      approvers: `${SEEDED_USER_IDS.sam}, ${SEEDED_USER_IDS.robin}`,
    },
  },
  {
    ...PLAIN_PROFILE,
    id: SEEDED_IDS.archived,
    uid: '2b5e9c7da3f46c71be8d9fa0c1b2d3e4',
    name: 'Former Example',
    status: 'Terminated',
    archived: true,
    attributes: {},
  },
  {
    ...PLAIN_PROFILE,
    id: SEEDED_IDS.organisation,
    uid: '3c6fad8eb4a57d82cf9ea0b1d2c3e4f5',
    name: 'Example Staffing',
    attributes: {},
  },
];
