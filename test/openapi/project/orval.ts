import { patchProfile } from './generated/orval';

/** Patches a profile by the client of orval; returns its outcome and vendor. */
export async function patch(origin: string, id: string): Promise<string> {
  Object.assign(globalThis, { origin });
  const answer = await patchProfile(id, { status: 'active' });
  if (answer.status !== 200) return answer.data.code;
  return `${answer.data.write.outcome} ${answer.data.profile?.vendor}`;
}

/** Compiles only while a wrong value does not. */
export const wrong = () =>
  // @ts-expect-error
  patchProfile('', { status: 'gone' });
