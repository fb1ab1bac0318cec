import {
  bodyObject,
  fail,
  isList,
  isObject,
  isSuccess,
  type JsonRequests,
  type ListOperation,
  listByNumber,
  own,
  type StoredProfile,
  succeed,
  vendorFault,
} from '../../../src/adapter-kit/index.ts';
import { faultOf } from './errors.ts';
import { LIST } from './operations.ts';
import { storedProfile } from './profile.ts';

/** Lists profiles by pages that have numbers; a page without profiles is the last one. */
export function listOperation({ get }: JsonRequests): ListOperation {
  return {
    ...LIST,
    page: ({ limit, position }) =>
      listByNumber(position, 1, function* (page) {
        const response = yield get(`?page=${page}&limit=${limit}`);
        if (!isSuccess(response)) return fail(faultOf(response));
        const rows = own(bodyObject(response) ?? {}, 'profiles');
        if (!isList(rows)) return fail(vendorFault('target_invalid_response', response));
        const profiles: StoredProfile[] = [];
        for (const row of rows) {
          const profile = isObject(row) ? storedProfile(row) : undefined;
          if (profile === undefined) return fail(vendorFault('target_invalid_response', response));
          profiles.push(profile);
        }
        return succeed({ response, profiles, isLast: profiles.length === 0 });
      }),
  };
}
