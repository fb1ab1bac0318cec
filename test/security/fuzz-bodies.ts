import { Buffer } from 'node:buffer';
import type { Random } from './fuzz-random.ts';

/** Patches that some vendor takes, to be spoilt. */
const VALID: readonly [string, ...string[]] = [
  '{"name":"test_prof2","attributes":{"owner":"blue","size":{"cores":4}}}',
  '{"status":"on_leave","attributes":{"cost_centre":"4711","remarks":null}}',
  '{"name":"eu-de_demo2","description":"gateway demo"}',
  '{"description":"build farm","extensions":{"naver":{"durationSeconds":7200}}}',
  '{"status":"inactive","name":"profile001","extensions":{"naver":{"roleIdList":[]}}}',
  '{"extensions":{"nerm":{"id_proofing_status":"pass"}},"attributes":{"nickname":""}}',
  '{"attributes":{"price":1.50,"list":[1.0,{"x":null}],"__proto__":{"a":1}}}',
  '{"name":"with blanks in it"}',
  '{"attributes":{"end_date":"tomorrow","no_such":"x"}}',
  '{"extensions":{"naver":{"roleIdList":["no-such-role"]}}}',
  '{}',
];

const KEYS: readonly [string, ...string[]] = [
  'name',
  'description',
  'status',
  'attributes',
  'extensions',
  'naver',
  'nerm',
  'iam',
  'senlin',
  'durationSeconds',
  'roleIdList',
  'cost_centre',
  'remarks',
  'id',
  'createdAt',
  '__proto__',
  'constructor',
  'toString',
  '',
  'a/b~c',
  '\u0000',
  '\ud800',
  'ключ',
];

const NUMBERS: readonly [string, ...string[]] = [
  '0',
  '-0',
  '1.0',
  '1e400',
  '-1E-400',
  '12345678901234567890',
  '0.1000000000000000055511151231257827',
  '9007199254740993',
  '1e-7',
  '1'.repeat(5_000),
  `1e${'9'.repeat(300)}`,
];

const TEXTS: readonly [string, ...string[]] = [
  '"x"',
  '""',
  '"active"',
  '"on_leave"',
  '"eu-de_name"',
  '"\\u0000"',
  '"\\ud83d"',
  '"\\ud83d\\ude00"',
  '"\u202e\u2028"',
  `"${'long '.repeat(200)}"`,
  `"${'가'.repeat(101)}"`,
  '"«secret:token»"',
];

/** What no JSON has in place of a value. */
const NO_VALUES: readonly [string, ...string[]] = [
  '00',
  '1.',
  '.5',
  '0x10',
  'NaN',
  '-',
  'nul',
  '',
  '"\\x"',
  '"a\nb"',
  '"unclosed',
];

/** The body of one request; now and then nothing at all. */
export function randomBody(random: Random): Buffer {
  const kind = random.below(100);
  if (kind < 25) return Buffer.from(random.pick(VALID));
  if (kind < 40) return Buffer.from(spoilt(random.pick(VALID), random));
  if (kind < 62) return Buffer.from(shaped(random));
  if (kind < 75) return Buffer.from(randomJson(random, 6));
  if (kind < 82) return Buffer.from(randomBytes(random, random.below(400)));
  if (kind < 88) return Buffer.from(spoiltBytes(random));
  if (kind < 93) return Buffer.from(nest(random));
  if (kind < 96) return Buffer.from(`{"attributes":{${manyMembers(random)}}}`);
  if (kind < 97) return Buffer.alloc(random.pick([1_000, 262_144, 262_145, 300_000]), 0x20);
  return Buffer.alloc(0);
}

/** Takes out, doubles, or puts in a few characters. */
function spoilt(text: string, random: Random): string {
  let result = text;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(result.length + 1);
    const piece = random.pick([
      '',
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '\\',
      'null',
      random.pick(NUMBERS).slice(0, 40),
      random.pick(TEXTS).slice(0, 40),
      random.pick(NO_VALUES),
      result.slice(at, at + random.below(20)),
    ]);
    result = result.slice(0, at) + piece + result.slice(at + random.below(6));
  }
  return result;
}

/** The outline of a patch, with anything in its places. */
function shaped(random: Random): string {
  const any = (): string => randomJson(random, 2);
  const key = (): string => JSON.stringify(random.pick(KEYS));
  const mapOf = (member: () => string): string =>
    `{${random.times(1 + random.below(3), member).join(',')}}`;
  return mapOf(() =>
    random.pick([
      () => `"name":${any()}`,
      () => `"status":${any()}`,
      () => `"description":${any()}`,
      () => `"attributes":${mapOf(() => `${key()}:${any()}`)}`,
      () => `"extensions":${mapOf(() => `${key()}:${any()}`)}`,
      () => `"extensions":${mapOf(() => `${key()}:${mapOf(() => `${key()}:${any()}`)}`)}`,
    ])(),
  );
}

/** Mostly JSON: values nest, keys repeat, and some of it is not quite valid. */
function randomJson(random: Random, levels: number): string {
  if (random.chance(0.02)) return random.pick(NO_VALUES);
  const kind = levels === 0 ? random.below(5) : random.below(12);
  if (kind < 2) return random.pick(TEXTS);
  if (kind < 4) return random.pick(NUMBERS);
  if (kind < 5) return random.pick(['null', 'true', 'false']);
  const count = random.below(5);
  if (kind < 7) return `[${random.times(count, () => randomJson(random, levels - 1)).join(',')}]`;
  const members = random.times(
    count,
    () => `${JSON.stringify(random.pick(KEYS))}:${randomJson(random, levels - 1)}`,
  );
  return `{${members.join(random.chance(0.98) ? ',' : ';')}}`;
}

function nest(random: Random): string {
  const levels = random.pick([30, 31, 32, 33, 1_000, 20_000]);
  const [open, close] = random.pick<readonly [string, string]>([
    ['[', ']'],
    ['{"x":', '}'],
    ['{"attributes":', '}'],
    ['[{"":', '}]'],
  ]);
  return open.repeat(levels) + random.pick(['1', '', 'null']) + close.repeat(levels);
}

function manyMembers(random: Random): string {
  const count = random.pick([100, 1_000, 3_000]);
  return random.times(count, () => `"k${random.below(2 * count)}":${random.below(9)}`).join(',');
}

function spoiltBytes(random: Random): Buffer {
  const bytes = Buffer.from(random.pick(VALID));
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return random.chance(0.2) ? Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]) : bytes;
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(random.times(length, () => random.below(256)));
}
