import type { FaultCode, FieldErrorCode } from '../adapter-kit/index.ts';

/** The cause of a problem and what ends it, for `docs/errors.md`. */
type ProblemText = { readonly cause: string; readonly remedy: string };

/** Kept apart from the codes, since only documents need these and a Worker is small. */
export const PROBLEM_TEXTS = {
  malformed_json: {
    cause: 'A syntax error, an empty body, or another encoding than UTF-8.',
    remedy: 'Send one JSON object in UTF-8.',
  },
  invalid_id: {
    cause:
      'The id has control characters, more than 256 characters or broken percent-encoding, or it ' +
      "does not have the form of the target's ids.",
    remedy: 'Correct the id. [Profile ids](api.md#profile-ids) lists the form for each vendor.',
  },
  invalid_idempotency_key: {
    cause:
      '`Idempotency-Key` is empty, longer than 255 characters, or neither a string nor a token.',
    remedy: 'Send one [key](api.md#idempotency-keys), such as a UUID in quotes.',
  },
  idempotency_key_required: {
    cause:
      'The target makes another profile of each create, so that a repeat after a lost response ' +
      'could not be distinguished from a new request.',
    remedy:
      'Send an [`Idempotency-Key`](api.md#idempotency-keys), or set `createWithoutKey` at the ' +
      'target.',
  },
  invalid_filter: {
    cause:
      'A parameter is misspelled or sent twice, or its value has another form: a time without ' +
      'offset, a `profile` whose target is not configured, a `limit` above 500.',
    remedy: 'Correct what `detail` names. [Receipts](operations.md#receipts) lists the parameters.',
  },
  invalid_cursor: {
    cause: '`after` was altered, or is the `next` of another list.',
    remedy: 'Send the `next` of the page before as it is, or begin without `after`.',
  },
  unauthenticated: {
    cause: 'The key or token is missing, unknown, expired, or of another issuer or audience.',
    remedy: 'Send `Authorization: Bearer` with a key or token of a configured caller.',
  },
  forbidden: {
    cause:
      'The caller lacks a scope or a target; or there are no callers and the request comes from ' +
      'another machine or from a web page of another site.',
    remedy: 'Add the scope or the target to the [caller](authentication.md), or configure callers.',
  },
  field_forbidden: {
    cause:
      'The field is not in `fields.allow` of the caller, or it is sensitive and not allowed by ' +
      'its own pointer.',
    remedy: 'Leave out the fields in `errors[]`, or [allow them](authentication.md#fields).',
  },
  profile_not_found: {
    cause: "The profile never existed, was deleted, or is hidden from the gateway's account.",
    remedy: 'Check the id and the target, then look for the profile at the vendor.',
  },
  route_not_found: {
    cause: 'The id names no target, and no rule of `routes` matches it.',
    remedy: 'Write `target:upstreamId`, or add a [rule](routing.md#rules).',
  },
  link_not_found: {
    cause: 'The id has no link, or its link does not name the chosen target.',
    remedy:
      'Add the target to the [link](routing.md#links) of the id, in the file or by ' +
      '[`PUT /admin/links/{id}`](operations.md#links).',
  },
  unknown_target: {
    cause: 'The name before the colon, or in the path, is not below `targets`.',
    remedy: 'Use a name that `GET /capabilities` lists.',
  },
  not_found: {
    cause:
      'The path is misspelled, or it is served by the listener of `admin`; below `/admin` also: ' +
      'there is no such receipt or mark, or no [state](state.md) that could have it.',
    remedy: 'Use a path of the [API](api.md#requests); `detail` says what is missing.',
  },
  method_not_allowed: {
    cause: 'The path has no such operation, or the target of the request does not offer it.',
    remedy: 'Use a method of the `Allow` header, or a target of `supportedBy`.',
  },
  conflict: {
    cause: "A rule of the vendor, such as a locked object or another client's write.",
    remedy: "Read the profile, see the vendor's reason in `upstream`, and decide anew.",
  },
  link_exists: {
    cause:
      'The `id` of the new profile has a link, which leads to another profile of the target. Or ' +
      'more links lead to the profile than end with it.',
    remedy: 'Choose another id, or remove the [link](operations.md#links), or some of many, first.',
  },
  request_in_progress: {
    cause: 'A request with the same `Idempotency-Key` was received and has not ended yet.',
    remedy: 'Send it again after `Retry-After`.',
  },
  match_not_ready: {
    cause:
      'The [match run](matching.md) still lists or compares, was stopped, or knows other links ' +
      'than those in force.',
    remedy: 'Wait until its `state` is `ready`, or resume it.',
  },
  idempotency_keys_lost: {
    cause:
      'The [state](state.md#backup-and-restore) was restored from a backup that may lack the key.',
    remedy: 'Read the profile, and send what is still missing without a key.',
  },
  precondition_failed: {
    cause: 'The profile changed after its entity tag was read.',
    remedy: 'Read the profile, and send the patch with its current `ETag`.',
  },
  body_too_large: {
    cause: "The body exceeds 256 KiB or the caller's `bodyBytesMax`.",
    remedy: 'Split the patch, or raise `bodyBytesMax`.',
  },
  unsupported_media_type: {
    cause: '`Content-Type` is not that of a patch, or the body is compressed.',
    remedy: 'Send one of the types in `Accept-Patch`, without `Content-Encoding`.',
  },
  invalid_patch: {
    cause:
      'Unknown fields, wrong types, duplicate keys or inexact numbers. No target accepts them, ' +
      'whatever the handling. Of an import of links: bad lines.',
    remedy: 'Correct the fields in `errors[]`, or the lines that it names.',
  },
  unsupported_patch: {
    cause: 'The target has no such field, or does not accept the value or null for it.',
    remedy:
      'Correct the fields in `errors[]`, use a target of `supportedBy`, or send ' +
      '`Prefer: handling=lenient` to leave them out.',
  },
  idempotency_key_reused: {
    cause:
      'The key came with another patch, other preferences or other conditions in the last 24 ' +
      'hours, from the same caller for the same id.',
    remedy: 'Send a new key with each new request, and the same one only with its repeats.',
  },
  not_atomic: {
    cause: '`Prefer: atomic` was sent, and the fields belong to different steps of the target.',
    remedy: 'Send one patch for each `step` of `GET /capabilities`, or leave out `atomic`.',
  },
  rejected_by_target: {
    cause: 'The vendor applies a rule that its documents do not state, or state differently.',
    remedy: "See the vendor's reason in `upstream`, and correct the values.",
  },
  rate_limited: {
    cause:
      '`limits.requestsPerSecond` of the caller is used up, or the caller has ' +
      '`limits.maxConcurrentRequests` in flight.',
    remedy: 'Wait for `Retry-After`, or raise the [limit](authentication.md#rate-limits).',
  },
  internal_error: {
    cause: 'A bug of the gateway.',
    remedy: 'Report it with the `requestId`. After a write, read the profile before you repeat it.',
  },
  target_unauthorized: {
    cause:
      'The credentials are wrong, expired or revoked. After a rejection they ' +
      '[cool down](resilience.md#credentials) and are not sent.',
    remedy: 'Check the credentials at the vendor before you reload the configuration.',
  },
  target_forbidden: {
    cause: "The gateway's account lacks a role at the vendor.",
    remedy: 'Grant the account the permission to read and to modify profiles.',
  },
  target_misconfigured: {
    cause: '`baseUrl`, the dialect or another setting of the target does not fit the vendor.',
    remedy: 'Compare the target with the [configuration reference](configuration.md).',
  },
  target_invalid_response: {
    cause:
      'A proxy responded in place of the vendor, the vendor changed its API, or the response ' +
      'exceeds 4 MiB.',
    remedy: 'See `upstream`, and the response in the log at level `debug`.',
  },
  not_stored: {
    cause:
      'The vendor reported success and ignored the values; or a write without a response was ' +
      'shown later not to be applied.',
    remedy: 'Read the profile, and check the rules of the vendor for these fields.',
  },
  partially_applied: {
    cause: 'The patch needed several writes of which one failed, or the vendor ignored a field.',
    remedy: 'Send the fields in `notApplied[]` again.',
  },
  not_configured: {
    cause:
      'On Workers: no configuration is bound, it has problems, or it has no `callers`. On Node: ' +
      'the [links](routing.md#links) were not read yet, since the state does not answer.',
    remedy:
      'See the problems in the log, and correct the [bindings](deploy-workers.md#bindings); with ' +
      '`Retry-After`, retry.',
  },
  issuer_unavailable: {
    cause: '`jwksUrl` cannot be reached or returns no key set.',
    remedy: 'Retry after `Retry-After`; check `jwksUrl` from the host of the gateway.',
  },
  target_unavailable: {
    cause:
      'No connection, a 5xx, an open [circuit breaker](resilience.md#circuit-breaker), or a ' +
      'drained target.',
    remedy: 'Retry after `Retry-After`. Operators: `GET /admin/targets` has the reason.',
  },
  target_rate_limited: {
    cause: "The vendor's rate limit is used up.",
    remedy: 'Retry after `Retry-After`, and send fewer requests to the target.',
  },
  target_read_only: {
    cause: 'The target is configured as read-only.',
    remedy: 'Send the write when the [mode](routing.md#modes-of-a-target) has changed.',
  },
  state_unavailable: {
    cause:
      'The database of the [state](outcomes.md) does not answer, or this replica has lost its ' +
      'session there.',
    remedy: 'Retry after `Retry-After`. Reads are served meanwhile.',
  },
  profile_in_doubt: {
    cause: 'The response to an earlier write was lost, and the vendor may still apply that write.',
    remedy: 'Wait for `Retry-After`, read the profile, then decide.',
  },
  overloaded: {
    cause:
      'The [queue](resilience.md#concurrency-and-queue) of the target or profile is full, the ' +
      'bodies in flight hold 32 MiB, or the link of the id is changed too often.',
    remedy: 'Retry later with fewer requests at once. Nothing was sent.',
  },
  draining: {
    cause: 'The process is stopping, for example for a deployment.',
    remedy: 'Retry; another process serves the request.',
  },
  target_timeout: {
    cause: 'The vendor needed longer than `timeoutMs`, or than what is left of the deadline.',
    remedy: 'Retry. If the vendor is slow in general, raise `timeoutMs`.',
  },
  outcome_unknown: {
    cause: 'The response was lost, and a read-back could not decide; `reason` says why.',
    remedy: 'Wait for `Retry-After`, read the profile, then [decide](outcomes.md).',
  },
} as const satisfies Readonly<Record<FaultCode, ProblemText>>;

/** The meaning of each code in `errors[]` and what ends it, for `docs/errors.md`. */
export const FIELD_ERROR_TEXTS = {
  unknown_field: {
    meaning: 'The profile model has no such field.',
    remedy: 'Correct the name.',
  },
  unsupported_field: {
    meaning: 'The target has no such field.',
    remedy: 'Leave it out, or use a target of `supportedBy`.',
  },
  read_only: { meaning: 'The field cannot be written.', remedy: 'Leave it out.' },
  not_nullable: { meaning: 'Null does not clear the field.', remedy: 'Send a value.' },
  missing_field: {
    meaning: 'The target creates no profile without the field.',
    remedy: 'Send a value.',
  },
  constraint_violated: {
    meaning:
      'The value violates a length, range, pattern or list of values, ' +
      'or the patch has more than 5,000 members and items.',
    remedy: 'Send a value within the constraint that `detail` names.',
  },
  wrong_type: {
    meaning: 'The value has another JSON type than the field.',
    remedy: 'Send the type that `detail` names.',
  },
  duplicate_key: {
    meaning: 'An object has the same key twice.',
    remedy: 'Send each key once.',
  },
  number_not_exact: {
    meaning: 'JSON parsers would round the number, or its text is longer than 1,000 characters.',
    remedy: 'Send it as a string, if the field accepts strings.',
  },
  too_deep: {
    meaning: 'The patch is nested more than 32 levels deep.',
    remedy: 'Send a flatter value.',
  },
  forbidden: {
    meaning: 'The caller may not write the field.',
    remedy: 'Leave it out, or allow it for the caller.',
  },
  rejected: {
    meaning: 'The vendor does not accept this value for the profile as it is now.',
    remedy: 'Read the profile, and see `detail`.',
  },
} as const satisfies Readonly<
  Record<FieldErrorCode, { readonly meaning: string; readonly remedy: string }>
>;
