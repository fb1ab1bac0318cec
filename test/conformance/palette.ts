import fc from 'fast-check';
import type { Json } from '../../src/adapter-kit/index.ts';
import { codePoint } from '../support/code-point.ts';

/** Values that a vendor's sandbox takes where the declarations alone would seldom hit one. */
type Palette = {
  /** By canonical pointer; `/attributes` means the value of a key. */
  readonly values: Readonly<Record<string, fc.Arbitrary<Json>>>;
  /** Keys of `/attributes`, where the vendor knows only its own. */
  readonly keys?: readonly string[];
};

const word = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });

const ASCII = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A spec that Senlin's check of Heat takes. */
function stack(resources: Json): Json {
  const template = { heat_template_version: '2014-10-16', resources };
  return { type: 'os.heat.stack', version: '1.0', properties: { template } };
}

export const PALETTES: Readonly<Record<string, Palette>> = {
  senlin: {
    values: {
      '/name': word(`${ASCII}._~-中文٣`, 1, 40),
      '/extensions/senlin/spec': fc.constantFrom(
        stack({}),
        stack({ a: { type: 'OS::Heat::None' } }),
      ),
    },
  },
  nerm: {
    values: {
      '/name': word(`${ASCII} äß中`, 1, 20),
      '/attributes': fc.oneof(word(`${ASCII} äß中"\\`, 0, 20), fc.string({ unit: codePoint })),
      // Profile types that the sandbox has; the name of neither is computed.
      '/extensions/nerm/profile_type_id': fc.constantFrom(
        '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76',
        '6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087',
      ),
    },
    keys: ['first_name', 'last_name', 'cost_centre', 'nickname', 'remarks'],
  },
  iam: {
    values: {
      '/name': word(`${ASCII}-_`, 1, 20).map((rest) => `eu-de_${rest}`),
      '/description': fc.string({ unit: codePoint, maxLength: 255 }),
      // Of the one dialect, and of the other.
      '/extensions/iam/domain_id': fc.constantFrom('a1b2c3d4e5f60718293a4b5c6d7e8f90', 'default'),
      '/extensions/iam/parent_id': fc.constantFrom(
        '7c6b5a4938271605f4e3d2c1b0a99887',
        'a0a5e19726164ada9d4b25914d72343a',
      ),
    },
  },
  naver: {
    values: {
      '/name': word(`${ASCII}._-`, 2, 29).map((rest) => `n${rest}`),
      '/description': fc.string({ unit: codePoint, maxLength: 75 }),
      '/extensions/naver/durationSeconds': fc.integer({ min: 600, max: 43_200 }),
      // Roles that the sandbox can map to the demo's profile.
      '/extensions/naver/roleIdList': fc.subarray([
        '5d0d4d80-0000-4000-8000-246e96591a38',
        '5d0d4d80-0000-4000-8000-246e96591a3b',
      ]),
    },
  },
};
