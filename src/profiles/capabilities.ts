import {
  DEFAULT_STEP,
  type FieldCapability,
  fieldCapability,
  type OperationCapabilities,
  operationCapabilities,
} from '../adapter-kit/index.ts';
import type { Target } from '../upstream/target.ts';

export type TargetCapabilities = {
  readonly target: string;
  readonly vendor: string;
  readonly fields: readonly FieldCapability[];
  readonly operations: OperationCapabilities;
  /** True if every patch that the target accepts is one write. */
  readonly atomic: boolean;
};

export function capabilitiesOf({ connection, fields, name, vendor }: Target): TargetCapabilities {
  const list = [...fields.values()];
  const writable = list.filter((field) => field.access !== 'read_only');
  const steps = new Set(writable.map((field) => field.step ?? DEFAULT_STEP));
  return {
    target: name,
    vendor,
    fields: list.map(fieldCapability),
    operations: operationCapabilities(connection),
    atomic: steps.size <= 1,
  };
}
