import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import type { FieldError, Json } from '../../../src/adapter-kit/index.ts';
import type {
  capabilitiesSchema,
  problemSchema,
  writeReportSchema,
} from '../../../src/http/openapi/response-schemas.ts';
import {
  type fieldErrorSchema,
  lossSchema,
} from '../../../src/http/openapi/schemas/base-schemas.ts';
import type { explanationSchema } from '../../../src/http/openapi/schemas/explanation-schemas.ts';
import type { Problem } from '../../../src/http/problem-details.ts';
import type { TargetCapabilities } from '../../../src/profiles/capabilities.ts';
import type { Explanation } from '../../../src/profiles/explain-patch.ts';
import type { WriteReport } from '../../../src/profiles/patch-answer.ts';
import type { Loss } from '../../../src/writes/plan.ts';

/** `T` with every member and item read-only, as the gateway's own types are. */
type Frozen<T> = [Json] extends [T]
  ? T
  : T extends string | number | boolean
    ? T
    : { readonly [K in keyof T]: Frozen<T[K]> };

/** What a schema describes. */
type Described<S extends z.ZodMiniType> = Frozen<z.output<S>>;

describe('the schemas of answers describe exactly what the gateway answers', () => {
  it('in types, which the compiler compares', () => {
    expectTypeOf<Described<ReturnType<typeof lossSchema>>>().toEqualTypeOf<Frozen<Loss>>();
    expectTypeOf<Described<ReturnType<typeof fieldErrorSchema>>>().toEqualTypeOf<
      Frozen<FieldError>
    >();
    expectTypeOf<Described<ReturnType<typeof writeReportSchema>>>().toEqualTypeOf<
      Frozen<WriteReport>
    >();
    expectTypeOf<Described<ReturnType<typeof capabilitiesSchema>>>().toEqualTypeOf<
      Frozen<TargetCapabilities>
    >();
    expectTypeOf<keyof z.output<ReturnType<typeof explanationSchema>>>().toEqualTypeOf<
      keyof Explanation
    >();
    expectTypeOf<keyof z.output<ReturnType<typeof problemSchema>>>().toEqualTypeOf<keyof Problem>();
    expectTypeOf<Described<ReturnType<typeof problemSchema>>['code']>().toEqualTypeOf<
      Problem['code']
    >();
    expectTypeOf<Described<ReturnType<typeof problemSchema>>['reason']>().toEqualTypeOf<
      Problem['reason']
    >();
  });

  it('and nothing beside', () => {
    const loss: Loss = { pointer: '/name', kind: 'dropped', reason: 'x' };
    expect(lossSchema().safeParse(loss).success).toBe(true);
    expect(z.toJSONSchema(lossSchema()).additionalProperties).toBe(false);
  });
});
