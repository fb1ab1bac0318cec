import { DEFAULT_STEP, type FieldCapability, fieldCapability } from '../adapter-kit/index.ts';
import type { Target } from '../upstream/target.ts';

export type TargetCapabilities = {
  readonly target: string;
  readonly vendor: string;
  readonly fields: readonly FieldCapability[];
  /** True if every patch that the target accepts is one write. */
  readonly atomic: boolean;
};

export function capabilitiesOf({ name, vendor, fields }: Target): TargetCapabilities {
  const list = [...fields.values()];
  const writable = list.filter((field) => field.access !== 'read_only');
  const steps = new Set(writable.map((field) => field.step ?? DEFAULT_STEP));
  return {
    target: name,
    vendor,
    fields: list.map(fieldCapability),
    atomic: steps.size <= 1,
  };
}
