import {
  decodeContent,
  type JsonObject,
  ownText,
  type StoredProfile,
} from '../../../src/adapter-kit/index.ts';
import { fields } from './fields.ts';

/** Returns the profile that an object of the vendor shows; undefined for one without an id. */
export function storedProfile(object: JsonObject): StoredProfile | undefined {
  const upstreamId = ownText(object, 'id');
  return upstreamId === undefined
    ? undefined
    : { upstreamId, content: decodeContent(fields, object) };
}
