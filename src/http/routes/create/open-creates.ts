import { optional, ownText } from '../../../adapter-kit/index.ts';
import { endOfLifted } from '../../../profiles/create/close-orphan-create.ts';
import { keyPrefix } from '../../../profiles/create/create-record.ts';
import type { EndItem, InDoubtRow, StateDatabase } from '../../../state/state-database.ts';
import type { Target } from '../../../upstream/target.ts';
import { type CreateIntent, openTrace, readCreateIntent } from '../../../writes/create-intent.ts';
import { findRow } from '../in-doubt/find-in-doubt.ts';
import type { WriteRecords } from '../state-operations.ts';

/** A create whose profile may still appear, as far as it has another form than a write. */
export type OpenCreateView = {
  /** Id by which it is lifted: `target::writeId`. */
  readonly create: string;
  readonly target: string;
  /** Name of the profile; absent where it was given none, or where it cannot be opened. */
  readonly name?: string;
  /** The id that the profile is to be linked to. */
  readonly id?: string;
};

/** No upstream id begins so: what follows is the id of a write. */
const CREATE_MARK = '::';

/** Returns the create of a row in doubt; undefined where it is of another write. */
export function createIn({ intent }: InDoubtRow): CreateIntent | undefined {
  return intent === undefined ? undefined : readCreateIntent(intent);
}

/** Returns the parts of the view of an open create that no other write has. */
export async function openCreateView(
  { id, target, trace: sealed }: CreateIntent,
  writeId: string,
  hashKey: string | undefined,
): Promise<OpenCreateView> {
  const trace =
    sealed === undefined || hashKey === undefined ? undefined : await openTrace(sealed, hashKey);
  const name = trace && ownText(trace, 'name');
  const create = createIdOf({ target, writeId });
  return { create, target, ...optional('name', name), ...optional('id', id) };
}

/** An open create as an operator names it. */
export type OpenCreateName = { readonly target: string; readonly writeId: string };

/** Returns the id by which an open create is lifted. */
export function createIdOf({ target, writeId }: OpenCreateName): string {
  return `${target}${CREATE_MARK}${writeId}`;
}

/** Reads the id of an open create; undefined where it is that of a profile. */
export function readCreateId(id: string): OpenCreateName | undefined {
  const at = id.indexOf(CREATE_MARK);
  const target = id.slice(0, at);
  if (at < 0 || target.includes(':')) return undefined;
  return { target, writeId: id.slice(at + CREATE_MARK.length) };
}

/** A create that can be ended: its lease, and what it has announced. */
export type FoundCreate = Pick<EndItem, 'key' | 'fence' | 'writeId'> & {
  readonly intent: CreateIntent;
};

/** Finds an open create among those of its target. */
export async function findOpenCreate(
  state: Pick<WriteRecords, 'listInDoubt'>,
  { formerNamespace, name, writeNamespace }: CreateTarget,
  writeId: string,
): Promise<FoundCreate | undefined> {
  const namespaces = [writeNamespace, ...(formerNamespace === undefined ? [] : [formerNamespace])];
  for (const namespace of namespaces) {
    const row = await findRow(state, keyPrefix(namespace), (one) => one.writeId === writeId);
    const intent = row && createIn(row);
    if (row?.fence !== undefined && intent?.target === name) {
      const { fence, key } = row;
      return { key, fence, writeId, intent };
    }
  }
  return undefined;
}

type CreateTarget = Pick<Target, 'formerNamespace' | 'name' | 'writeNamespace'>;

/** Ends an open create as unknown; false where its replica has ended it meanwhile. */
export async function endOpenCreate(
  end: StateDatabase['end'],
  { intent, ...lease }: FoundCreate,
): Promise<boolean> {
  const [ended] = await end([{ ...lease, ...endOfLifted(intent, lease) }]);
  return ended === 'stored';
}
