import type { Field } from '../field.ts';
import type { OperationDeclarations } from './operations.ts';

/** One vendor's fields under one configuration; dialects of a vendor are variants. */
export type FieldSet = {
  /** Column title of the support table: `vendor (dialect)`. */
  readonly title: string;
  readonly fields: readonly Field[];
  /** Operations beside reading and writing, where the vendor has them. */
  readonly operations?: OperationDeclarations;
};
