import { parseExact } from '../../../src/adapter-kit/exact-json.ts';
import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
} from '../../../src/adapter-kit/json.ts';
import { compareCodePoints, pythonLength, pythonRepr } from '../../keystone/sandbox/python.ts';
import { badRequest, malformed, SenlinFault } from './wire.ts';

/** Fields of a PATCH that are set; a null name is the same as none (transcript). */
export type ProfileUpdate = { readonly name?: string; readonly metadata?: JsonObject | null };

export type ProfileCreate = {
  readonly name: string;
  readonly spec: JsonObject;
  readonly metadata: JsonObject;
};

/**
 * senlin/objects/fields.py Name: `\d` is any Unicode digit, and since the pattern ignores case it
 * also matches U+0130, U+0131, U+017F and U+212A; a last newline slips through (transcript).
 */
const NAME = /^[a-zA-Z\u4e00-\u9fa5\p{Nd}._~\u0130\u0131\u017f\u212a-]*\n?$/u;
const NAME_LENGTH_MAX = 255;

/** ProfileUpdateRequestBody of senlin/objects/requests/profiles.py, in its order of checks. */
export function parseUpdate(body: JsonObject | undefined): ProfileUpdate {
  if (body === undefined) throw malformed();
  const given = own(body, 'profile') ?? null;
  if (given === null) {
    throw badRequest("Malformed request data, missing 'profile' key in request body.");
  }
  const profile = mapOf(given, ['name', 'metadata']);
  const name = own(profile, 'name') ?? null;
  const checkedName = name === null ? undefined : nameOf(name);
  const metadata = own(profile, 'metadata');
  const parsed = metadata === undefined ? undefined : jsonOf(metadata);
  refuseUnknown(profile, ['name', 'metadata']);
  if (metadata !== undefined && parsed !== null && !isMetadataObject(metadata, parsed)) {
    throw badRequest(`${pythonRepr(metadata)} is not of type 'object', 'null'`);
  }
  return {
    ...(checkedName === undefined ? {} : { name: checkedName }),
    ...(parsed === undefined || !(parsed === null || isObject(parsed)) ? {} : { metadata: parsed }),
  };
}

/** ProfileCreateRequestBody (transcript: create, no spec; a space in the name). */
export function parseCreate(body: JsonObject | undefined): ProfileCreate {
  if (body === undefined) throw malformed();
  if (!Object.hasOwn(body, 'profile')) throw badRequest("Request body missing 'profile' key.");
  const given = own(body, 'profile') ?? null;
  if (given === null) throw malformed();
  const profile = mapOf(given, ['name', 'spec', 'metadata']);
  const name = own(profile, 'name');
  if (name === null) throw badRequest("Field `name' cannot be None");
  const checkedName = name === undefined ? undefined : nameOf(name);
  const spec = own(profile, 'spec');
  const metadata = own(profile, 'metadata') ?? null;
  if (metadata !== null) jsonOf(metadata);
  refuseUnknown(profile, ['name', 'spec', 'metadata']);
  if (checkedName === undefined) throw badRequest("'name' is a required property");
  if (spec === undefined) throw badRequest("'spec' is a required property");
  if (!isObject(spec)) throw badRequest(`${pythonRepr(spec)} is not of type 'object'`);
  if (metadata !== null && !isObject(metadata)) {
    throw badRequest(`${pythonRepr(metadata)} is not of type 'object', 'null'`);
  }
  return { name: checkedName, spec, metadata: metadata ?? {} };
}

/** ProfileValidateRequestBody: only `spec`. */
export function parseSpec(body: JsonObject | undefined): JsonObject {
  if (body === undefined) throw malformed();
  if (!Object.hasOwn(body, 'profile')) throw badRequest("Request body missing 'profile' key.");
  const given = own(body, 'profile') ?? null;
  if (given === null) throw malformed();
  const profile = mapOf(given, ['spec']);
  refuseUnknown(profile, ['spec']);
  const spec = own(profile, 'spec');
  if (spec === undefined) throw badRequest("'spec' is a required property");
  if (!isObject(spec)) throw badRequest(`${pythonRepr(spec)} is not of type 'object'`);
  return spec;
}

/** The one flavor of the recorded server's stand-in cloud. */
const FLAVOR = 'm1.small';

/**
 * The type a new profile gets, such as `os.heat.stack-1.0`. Of the checks that real profile
 * classes make of a spec the sandbox has the recorded ones (transcripts: create ...).
 */
export function profileTypeOf(name: string, spec: JsonObject): string {
  for (const key of ['type', 'version']) {
    if (Object.hasOwn(spec, key)) continue;
    const text = `The '${key}' key is missing from the provided spec map.`;
    throw new SenlinFault(500, 'ESchema', text);
  }
  const version = own(spec, 'version') ?? null;
  const shown = typeof version === 'string' ? version : pythonRepr(version);
  const type = `${own(spec, 'type')}-${shown}`;
  if (type !== 'os.heat.stack-1.0' && type !== 'os.nova.server-1.0') {
    const text = `The profile_type '${type}' could not be found.`;
    throw new SenlinFault(404, 'ResourceNotFound', text);
  }
  const properties = own(spec, 'properties');
  if (!isObject(properties)) {
    const reason = "Required spec item 'properties' not provided";
    throw new SenlinFault(400, 'InvalidSpec', `Failed in creating profile ${name}: ${reason}`);
  }
  if (type === 'os.nova.server-1.0') checkServer(properties);
  else checkStack(name, properties);
  return type;
}

function checkStack(name: string, properties: JsonObject): void {
  if (Object.hasOwn(properties, 'template') || Object.hasOwn(properties, 'template_url')) return;
  const text = `Both template and template_url are not specified for profile '${name}'.`;
  throw new SenlinFault(400, 'InvalidSpec', text);
}

function checkServer(properties: JsonObject): void {
  const flavor = own(properties, 'flavor') ?? null;
  if (flavor !== FLAVOR) {
    const shown = typeof flavor === 'string' ? flavor : pythonRepr(flavor);
    throw new SenlinFault(500, 'InternalError', `No Flavor found for ${shown}`);
  }
  if (!isList(own(properties, 'networks'))) throw malformed();
}

/**
 * transcript: profile is an array, a string. A value that contains the name of a field, or is no
 * container at all, breaks Senlin's code before the schema is looked at (compared with Senlin 14).
 */
function mapOf(profile: Json, fields: readonly string[]): JsonObject {
  if (isObject(profile)) return profile;
  const holds =
    (isList(profile) && fields.some((field) => profile.includes(field))) ||
    (typeof profile === 'string' && fields.some((field) => profile.includes(field)));
  if (holds || !(isList(profile) || typeof profile === 'string')) throw malformed();
  throw badRequest(`${pythonRepr(profile)} is not of type 'object'`);
}

function nameOf(name: Json): string {
  const empty = isList(name) ? name.length === 0 : isObject(name) && Object.keys(name).length === 0;
  if (name === '' || empty) {
    throw badRequest('The value for the name field must be at least 1 characters long.');
  }
  // transcript: name a number, name an array of strings.
  if (typeof name !== 'string') throw malformed();
  if (pythonLength(name) > NAME_LENGTH_MAX) {
    throw badRequest('The value for the name field must be less than 255 characters long.');
  }
  if (!NAME.test(name)) {
    throw badRequest(
      `The value for the 'name' (${name}) contains illegal characters. It must contain only ` +
        'alphanumeric or "_-.~" characters and must start with letter.',
    );
  }
  return name;
}

/** A text is parsed first, and refused by its own message if that fails (transcript). */
function jsonOf(value: Json): Json {
  if (typeof value !== 'string') return value;
  const parsed = parseExact(value);
  if (parsed === undefined) throw badRequest(`The value (${value}) is not a valid JSON.`);
  return value;
}

function isMetadataObject(given: Json, parsed: Json | undefined): boolean {
  return typeof given !== 'string' && isObject(parsed);
}

/** transcript: unknown field; the whole representation of GET sent back. Names are sorted. */
function refuseUnknown(profile: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(profile)
    .filter((key) => !known.includes(key))
    .sort(compareCodePoints);
  if (unknown.length === 0) return;
  const names = unknown.map((key) => pythonRepr(key)).join(', ');
  const verb = unknown.length === 1 ? 'was' : 'were';
  throw badRequest(`Additional properties are not allowed (${names} ${verb} unexpected)`);
}
