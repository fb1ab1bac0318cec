import {
  bodyObject,
  type CreateConversation,
  type CreateOperation,
  fail,
  isSuccess,
  type Json,
  type JsonRequests,
  ownFault,
  ownText,
  type StoredProfile,
  succeed,
  vendorFault,
  wireMembers,
} from '../../../src/adapter-kit/index.ts';
import { faultOf } from './errors.ts';
import { listOperation } from './list.ts';
import { CREATE, LIST } from './operations.ts';
import { storedProfile } from './profile.ts';

/** Pages that a search reads: fewer than a conversation may have requests. */
const PAGES_MAX = 7;
const TOO_MANY = 'The target has more profiles than a search reads.';

/** Creates profiles; one whose answer was lost is found by its name. */
export function createOperation(requests: JsonRequests): CreateOperation {
  const { page } = listOperation(requests);
  return {
    ...CREATE,
    *send(changes): CreateConversation {
      const response = yield requests.send('POST', '', wireMembers(changes));
      if (!isSuccess(response)) return fail(faultOf(response));
      const created = storedProfile(bodyObject(response) ?? {});
      return created === undefined
        ? fail(vendorFault('target_invalid_response', response))
        : succeed(created);
    },
    traceOf: (changes) => {
      const name = changes.find(({ pointer }) => pointer === '/name')?.value;
      return typeof name === 'string' ? { name } : undefined;
    },
    *find(trace) {
      const name = ownText(trace, 'name');
      const found: StoredProfile[] = [];
      let position: Json | undefined;
      for (let pages = 0; pages < PAGES_MAX; pages += 1) {
        const listed = yield* page({ limit: LIST.pageSizeMax, filters: new Map(), position });
        if (!listed.ok) return listed;
        found.push(...listed.value.items.filter(({ content }) => content.name === name));
        if (listed.value.next === undefined) return succeed(found);
        position = listed.value.next;
      }
      return fail(ownFault('target_invalid_response', TOO_MANY));
    },
  };
}
