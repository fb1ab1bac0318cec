import type { FieldSet } from './field-set.ts';
import type { CreateDeclaration, ListDeclaration, RemoveDeclaration } from './operations.ts';

/** Rows of the support table: the operations of each vendor and dialect. */
export function operationRows(sets: readonly FieldSet[]): string[][] {
  return [
    ['list', ...sets.map(({ operations }) => listText(operations?.list))],
    ['create', ...sets.map(({ operations }) => createText(operations?.create))],
    ['delete', ...sets.map(({ operations }) => deleteText(operations?.delete))],
  ];
}

function listText(list: ListDeclaration | undefined): string {
  if (list === undefined) return '-';
  const { completeness, filters, ignoresLimit, omitted, pageSizeMax } = list;
  return [
    `by ${filters.map(({ name }) => `\`${name}\``).join(', ')}`,
    ignoresLimit === true ? `pages of ${pageSizeMax} or all at once` : `pages of ${pageSizeMax}`,
    completeness,
    ...(omitted.length === 0 ? [] : [`without ${omitted.map((p) => `\`${p}\``).join(', ')}`]),
  ].join('; ');
}

function createText(create: CreateDeclaration | undefined): string {
  if (create === undefined) return '-';
  return create.repeat === 'twin' ? 'yes; a repeat makes a twin' : 'yes; a repeat is rejected';
}

function deleteText(remove: RemoveDeclaration | undefined): string {
  if (remove === undefined) return '-';
  return remove.absence === 'deleted' ? 'yes' : 'yes; gone looks like hidden';
}
