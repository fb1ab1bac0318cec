import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { ADMIN_PROJECT_ID, DEMO_PROJECT_ID, GATEWAY_USER_ID } from '../../keystone/sandbox/seed.ts';

/** The profile of the update example in Senlin's first API reference, in the demo project. */
export const DEMO_PROFILE_ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
/** A profile of another project, which the demo user cannot see. */
export const FOREIGN_PROFILE_ID = 'f35ea2c5-8198-44dd-99ed-1b6c1f5c940f';

const DEMO_PROFILE: JsonObject = {
  id: DEMO_PROFILE_ID,
  name: 'test_prof1',
  type: 'os.heat.stack-1.0',
  // Real servers store the parts of a stack below `properties` since 2016.
  spec: {
    type: 'os.heat.stack',
    version: '1.0',
    properties: {
      disable_rollback: false,
      environment: { resource_registry: { 'os.heat.server': 'OS::Heat::Server' } },
      files: { 'file:///opt/stack/test_script.sh': '#!/bin/bash\n\necho "a test script"\n' },
      parameters: {},
      template: {
        heat_template_version: '2014-10-16',
        outputs: { result: { value: { get_attr: ['random', 'value'] } } },
        resources: { random: { properties: { length: 64 }, type: 'OS::Heat::RandomString' } },
      },
      timeout: 60,
    },
  },
  metadata: {},
  project: DEMO_PROJECT_ID,
  user: GATEWAY_USER_ID,
  domain: null,
  created_at: '2015-03-01T14:28:25Z',
  updated_at: null,
};

export const SEEDED_PROFILES: readonly [JsonObject, ...JsonObject[]] = [
  DEMO_PROFILE,
  {
    ...DEMO_PROFILE,
    id: FOREIGN_PROFILE_ID,
    name: 'foreign',
    metadata: { tier: 'gold' },
    project: ADMIN_PROJECT_ID,
    user: '6e0bee3444804438b893efd02a2b7a95',
  },
];
