/** Client of the profile gateway; it runs on Node 20 and later, Workers and in browsers. */

export type { CallOptions, CreateOptions, PatchOptions } from './call-options.ts';
export type { DeleteResult } from './delete-result.ts';
export type { CreateResult, PatchResult } from './patch-result.ts';
export {
  createProfileClient,
  type ProfileClient,
  type ProfileClientOptions,
} from './profile-client.ts';
export type { ListOptions, ProfilePage } from './profile-list.ts';
export type { Failure, ReadResult } from './read-result.ts';
export type {
  Capabilities,
  Explanation,
  FailureCode,
  NewProfile,
  Problem,
  ProblemCode,
  Profile,
  ProfilePatch,
  WriteReport,
} from './schemas.ts';
