import { createProfileClient, type PatchResult } from 'profile-gateway/client';

const client = createProfileClient({ baseUrl: 'http://127.0.0.1:8787', key: 'a-key' });

// @ts-expect-error: no profile has this field
export const wrongField = client.patch('emp-17', { statuss: 'active' });

// @ts-expect-error: no vendor has this status
export const wrongValue = client.patch('emp-17', { status: 'gone' });

const naver = { durationSeconds: '7200' };
// @ts-expect-error: an extension has the type of its vendor
export const wrongType = client.patch('emp-17', { extensions: { naver } });

// @ts-expect-error: not all outcomes have a return
export function unhandled(result: PatchResult): string {
  switch (result.outcome) {
    case 'applied':
    case 'noop':
    case 'rejected':
    case 'unknown':
      return result.outcome;
  }
}

export function wrongCode(result: PatchResult): boolean {
  // @ts-expect-error: no failure has this code
  return result.outcome === 'rejected' && result.code === 'profile_missing';
}

export function wrongMember(result: PatchResult): unknown {
  // @ts-expect-error: a patch that was rejected has no report
  return result.outcome === 'rejected' ? result.write : undefined;
}
