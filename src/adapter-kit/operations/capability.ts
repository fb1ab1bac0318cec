import type { Connection } from '../adapter.ts';
import { limitSchema, type ValueSchema } from '../field-schema.ts';
import type {
  Completeness,
  CreateDeclaration,
  ListDeclaration,
  ListFilter,
  RemoveDeclaration,
} from './operations.ts';

/** JSON Schema keywords of the values of one filter. */
export type FilterCapability = ValueSchema & {
  readonly name: string;
  /** Absent: that of the list. */
  readonly completeness?: Completeness;
};

/** Operations of one target beside reading and writing a profile; absent: it has none. */
export type OperationCapabilities = {
  readonly list?: Pick<ListDeclaration, 'pageSizeMax' | 'completeness' | 'omitted'> & {
    readonly filters: readonly FilterCapability[];
    readonly ignoresLimit: boolean;
  };
  readonly create?: Pick<CreateDeclaration, 'repeat' | 'absence'> & {
    readonly settleSeconds: number;
  };
  readonly delete?: RemoveDeclaration;
};

export function operationCapabilities({
  create,
  list,
  remove,
}: Pick<Connection, 'create' | 'list' | 'remove'>): OperationCapabilities {
  return {
    ...(list === undefined ? {} : { list: listCapability(list) }),
    ...(create === undefined ? {} : { create: createCapability(create) }),
    ...(remove === undefined ? {} : { delete: { absence: remove.absence } }),
  };
}

function createCapability({ absence, repeat, settleMs }: CreateDeclaration) {
  return { repeat, absence, settleSeconds: settleMs / 1000 };
}

function listCapability({
  completeness,
  filters,
  ignoresLimit = false,
  omitted,
  pageSizeMax,
}: ListDeclaration) {
  return {
    filters: filters.map(filterCapability),
    pageSizeMax,
    ignoresLimit,
    completeness,
    omitted,
  };
}

function filterCapability({
  completeness,
  limits = [],
  name,
  values,
}: ListFilter): FilterCapability {
  return {
    name,
    type: 'string',
    ...(values === undefined ? {} : { enum: values }),
    ...limitSchema(limits),
    ...(completeness === undefined ? {} : { completeness }),
  };
}
