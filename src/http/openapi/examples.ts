import {
  type Adapter,
  type Fault,
  type FaultCode,
  type Field,
  type FieldSet,
  isObject,
  type Json,
  type JsonObject,
  limitBroken,
  mergePatch,
  pointerTokens,
  timestamp,
} from '../../adapter-kit/index.ts';
import { type Problem, type ProblemContext, problemOf } from '../problem-details.ts';
import { EXAMPLE_TIME, EXAMPLE_UUID } from './examples/values.ts';

/** Texts to try: the first that a field accepts is its example. */
const TEXTS = ['Example', 'example', EXAMPLE_UUID];
const EXAMPLE_KEY = 'cost_centre';

/** A patch for each dialect of each vendor, by title; fields that grant something are left out. */
export function patchExamples(adapters: readonly Adapter[]): JsonObject {
  return examplesOf(adapters, (_, set) =>
    contentOf(set.fields.filter((field) => field.access !== 'read_only' && !field.sensitive)),
  );
}

/** A new profile for each dialect of each vendor that has creates, by title. */
export function newProfileExamples(adapters: readonly Adapter[]): JsonObject {
  const creating = adapters.map((adapter) => ({
    ...adapter,
    fieldSets: adapter.fieldSets.filter(({ operations }) => operations?.create !== undefined),
  }));
  return examplesOf(creating, ({ vendor }, { fields }) => {
    const created = fields.filter(
      ({ access, createOnly, patchOnly, sensitive }) =>
        (access !== 'read_only' || createOnly === true) && patchOnly !== true && sensitive !== true,
    );
    return { target: `${vendor}-example`, ...contentOf(created) };
  });
}

/** A profile for each dialect of each vendor, by title, inside the response that `wrap` makes. */
export function profileExamples(
  adapters: readonly Adapter[],
  wrap: (profile: JsonObject, target: string) => JsonObject,
): JsonObject {
  return examplesOf(adapters, ({ vendor }, { fields }) => {
    const target = `${vendor}-example`;
    const shown = fields.filter((field) => field.access !== 'write_only');
    const id = { id: `${target}:${EXAMPLE_UUID}`, target, vendor, upstreamId: EXAMPLE_UUID };
    return wrap({ ...id, ...contentOf(shown) }, target);
  });
}

function examplesOf(
  adapters: readonly Adapter[],
  exampleFor: (adapter: Adapter, set: FieldSet) => JsonObject,
): JsonObject {
  const named = adapters.flatMap((adapter) =>
    adapter.fieldSets.map((set): [string, JsonObject] => [
      set.title.replaceAll(/[^\w.-]+/g, '-').replace(/-$/, ''),
      { summary: set.title, value: exampleFor(adapter, set) },
    ]),
  );
  return Object.fromEntries(named);
}

function contentOf(fields: readonly Field[]): JsonObject {
  return fields.reduce<JsonObject>((content, field) => {
    const value = exampleOf(field);
    if (value === undefined) return content;
    const nested = pointerTokens(field.pointer).reduceRight<Json>(
      (inner, token) => ({ [token]: inner }),
      field.map === undefined ? value : { [EXAMPLE_KEY]: value },
    );
    const merged = mergePatch(content, nested);
    return isObject(merged) ? merged : content;
  }, {});
}

/** Returns a value that the field accepts; undefined if none of those listed here fits. */
function exampleOf(field: Field): Json | undefined {
  const { codec, limits } = field;
  if (codec === timestamp) return EXAMPLE_TIME;
  const range = limits?.find((limit) => limit.kind === 'range');
  const candidates: Json[] = [...(codec.values ?? []), false, range?.minimum ?? 1, ...TEXTS];
  const values = codec.type === 'any' ? TEXTS : [...candidates, ...TEXTS.map((text) => [text])];
  return values.find((value) => {
    const encoded = codec.encode(value);
    return encoded.ok && encoded.coerced === undefined && limitBroken(limits, value) === undefined;
  });
}

type ExampleContext = Pick<Fault, 'errors' | 'retryAfterSeconds' | 'upstream'> &
  Partial<ProblemContext>;

/** Members that problems of some codes have beyond their sentence. */
const EXAMPLE_CONTEXTS: Partial<Record<FaultCode, ExampleContext>> = {
  unsupported_patch: {
    outcome: 'rejected',
    errors: [
      { pointer: '/name', code: 'constraint_violated', detail: 'must have at most 30 bytes' },
    ],
  },
  target_rate_limited: { upstream: { status: 429, message: 'Slow down' }, retryAfterSeconds: 5 },
  partially_applied: { outcome: 'partial', applied: ['/name'], notApplied: ['/status'] },
  outcome_unknown: {
    outcome: 'unknown',
    applied: [],
    notApplied: [],
    sent: ['/name'],
    reason: 'read_back_failed',
  },
};

/** A problem for every code. */
export function problemExample(code: FaultCode): Problem {
  const { errors, retryAfterSeconds, upstream, ...context } = EXAMPLE_CONTEXTS[code] ?? {};
  const fault = { code, effect: 'none', ...EXAMPLE_CONTEXTS[code] } as const;
  const { title } = problemOf({ ...fault, detail: '' }, { requestId: '' });
  return problemOf({ ...fault, detail: `${title}.` }, { requestId: EXAMPLE_UUID, ...context });
}
