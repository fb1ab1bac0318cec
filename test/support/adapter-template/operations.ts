import type {
  CreateDeclaration,
  ListDeclaration,
  OperationDeclarations,
  RemoveDeclaration,
} from '../../../src/adapter-kit/index.ts';

/** The readings that promise least: replace each by what the vendor documents. */
export const LIST: ListDeclaration = {
  filters: [],
  pageSizeMax: 100,
  completeness: 'shifting',
  omitted: [],
};

export const CREATE: CreateDeclaration = {
  repeat: 'twin',
  settleMs: 60_000,
  absence: 'unknown',
};

export const REMOVE: RemoveDeclaration = { absence: 'deleted_or_hidden' };

/** Delete here, and in `index.ts`, an operation that the vendor does not have. */
export const operations: OperationDeclarations = { list: LIST, create: CREATE, delete: REMOVE };
