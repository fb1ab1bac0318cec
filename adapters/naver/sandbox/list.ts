import type { Profile } from './store.ts';

/** A page of `GET /profiles` (management-subaccount-getprofiles). */
type Page = {
  readonly pageNo: number;
  readonly totalElements: number;
  readonly pageSize: number;
  readonly content: readonly Profile[];
};

const SIZE_DEFAULT = 20;
/** No page has a maximum; the strict reading is that more are not answered with more. */
const SIZE_MAX = 100;

/**
 * Lists profiles by pages that are counted from 0. `totalElements` is described as the number of
 * results: that of the page, or with `countsAll` that of all pages. `searchWord` matches a part,
 * whatever the case: the pages are silent, and this reading shows who compares again.
 */
export function listProfiles(
  query: URLSearchParams,
  all: Iterable<Profile>,
  countsAll: boolean,
): Page | { readonly refusal: string } {
  const [column, word] = [query.get('searchColumn'), query.get('searchWord')];
  if ((column === null) !== (word === null)) {
    return { refusal: 'searchColumn and searchWord go together' };
  }
  if (column !== null && column !== 'name' && column !== 'profileNrn') {
    return { refusal: 'searchColumn is name or profileNrn' };
  }
  const [pageNo, asked] = [query.get('page') ?? '0', query.get('size') ?? String(SIZE_DEFAULT)];
  if (!/^\d{1,9}$/.test(pageNo) || !/^[1-9]\d{0,8}$/.test(asked)) {
    return { refusal: 'page is 0 or more, size 1 or more' };
  }
  const pageSize = Math.min(Number(asked), SIZE_MAX);
  const wanted = word?.toLowerCase() ?? '';
  const found = [...all].filter(
    (profile) => column === null || profile[column].toLowerCase().includes(wanted),
  );
  const content = found.slice(Number(pageNo) * pageSize, (Number(pageNo) + 1) * pageSize);
  const totalElements = countsAll ? found.length : content.length;
  return { pageNo: Number(pageNo), totalElements, pageSize, content };
}
