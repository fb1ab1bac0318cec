import type {
  OperationDeclarations,
  RemoveDeclaration,
} from '../../../../src/adapter-kit/index.ts';
import { CREATE } from './create.ts';
import { listDeclaration } from './list.ts';

/** Rows are gone for good, and no key is given to another row. */
export const removeDeclaration: RemoveDeclaration = { absence: 'deleted' };

export const operations: OperationDeclarations = {
  list: listDeclaration,
  create: CREATE,
  delete: removeDeclaration,
};
