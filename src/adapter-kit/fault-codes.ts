/** The closed list of error codes: the HTTP status of each, its title, and its meaning. */
export const FAULT_CODES = {
  malformed_json: { status: 400, title: 'Malformed JSON', meaning: 'The body is not valid JSON.' },
  invalid_id: { status: 400, title: 'Invalid profile id', meaning: 'No profile can have this id.' },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid idempotency key',
    meaning: 'The Idempotency-Key is not one.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'Idempotency key required',
    meaning: 'A repeat of the request would create another profile, and it has no key.',
  },
  invalid_filter: {
    status: 400,
    title: 'Invalid filter',
    meaning: 'A parameter of the query is not known or cannot be used.',
  },
  invalid_cursor: {
    status: 400,
    title: 'Invalid cursor',
    meaning: 'No page of the list begins there.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication required',
    meaning: 'The request does not prove which caller sends it.',
  },
  forbidden: { status: 403, title: 'Forbidden', meaning: 'The caller may not do this.' },
  field_forbidden: {
    status: 403,
    title: 'Field not allowed',
    meaning: 'The caller may not write a field of the patch.',
  },
  profile_not_found: {
    status: 404,
    title: 'Profile not found',
    meaning: 'The target has no such profile.',
  },
  route_not_found: { status: 404, title: 'Route not found', meaning: 'No rule matches the id.' },
  link_not_found: {
    status: 404,
    title: 'Link not found',
    meaning: 'The id has no link to the target.',
  },
  unknown_target: { status: 404, title: 'Target not found', meaning: 'No target has this name.' },
  not_found: { status: 404, title: 'Not found', meaning: 'The API has nothing at this path.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path, or the target of the request, does not accept the method.',
  },
  conflict: {
    status: 409,
    title: 'Conflict at target',
    meaning: 'The target rejected the request because of its own business rules.',
  },
  link_exists: {
    status: 409,
    title: 'Link exists',
    meaning: 'The id has a link to the target already, or the profile too many links.',
  },
  request_in_progress: {
    status: 409,
    title: 'Request in progress',
    meaning: 'A request with the same idempotency key is under way.',
  },
  idempotency_keys_lost: {
    status: 409,
    title: 'Idempotency keys lost',
    meaning: 'The answer to the idempotency key may have been lost; nothing was sent.',
  },
  match_not_ready: {
    status: 409,
    title: 'Match run not ready',
    meaning: 'The match run is under way, or must be resumed first.',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    meaning: 'The profile does not have the entity tag of If-Match.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    meaning: 'The body is larger than permitted.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'The body has another media type or coding than a patch.',
  },
  invalid_patch: {
    status: 422,
    title: 'Invalid patch',
    meaning: 'The patch does not fit the profile model.',
  },
  unsupported_patch: {
    status: 422,
    title: 'Patch not supported by target',
    meaning: 'The target cannot store the patch as given.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The idempotency key was sent with another request before.',
  },
  not_atomic: {
    status: 422,
    title: 'Patch not atomic',
    meaning: 'The patch needs more than one write at the vendor.',
  },
  rejected_by_target: {
    status: 422,
    title: 'Rejected by target',
    meaning: 'The target rejected the values of the patch.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning: 'The caller sends more requests than permitted.',
  },
  internal_error: { status: 500, title: 'Internal error', meaning: 'The gateway failed.' },
  target_unauthorized: {
    status: 502,
    title: 'Target rejected credentials',
    meaning: 'The target rejected the credentials configured for it.',
  },
  target_forbidden: {
    status: 502,
    title: 'Access denied by target',
    meaning: 'The credentials configured for the target lack a permission.',
  },
  target_misconfigured: {
    status: 502,
    title: 'Target misconfigured',
    meaning: 'The target does not serve this API at the configured address.',
  },
  target_invalid_response: {
    status: 502,
    title: 'Invalid response from target',
    meaning: 'The response of the target is not valid.',
  },
  not_stored: {
    status: 502,
    title: 'Values not stored',
    meaning: 'The target got the write and did not store the values.',
  },
  partially_applied: {
    status: 502,
    title: 'Patch partially applied',
    meaning: 'Some fields are stored, others are not.',
  },
  not_configured: {
    status: 503,
    title: 'Gateway not configured',
    meaning: 'The gateway has no usable configuration.',
  },
  issuer_unavailable: {
    status: 503,
    title: 'Token issuer unavailable',
    meaning: 'The keys of the token issuer cannot be fetched.',
  },
  target_unavailable: {
    status: 503,
    title: 'Target unavailable',
    meaning: 'The target could not process the request.',
  },
  target_rate_limited: {
    status: 503,
    title: 'Rate limited by target',
    meaning: 'The target limits the rate of requests.',
  },
  target_read_only: {
    status: 503,
    title: 'Target read-only',
    meaning: 'The target accepts no writes.',
  },
  state_unavailable: {
    status: 503,
    title: 'State unavailable',
    meaning: 'The state that replicas share cannot be reached.',
  },
  profile_in_doubt: {
    status: 503,
    title: 'Profile in doubt',
    meaning: 'An earlier write to the profile may still be applied.',
  },
  overloaded: {
    status: 503,
    title: 'Gateway overloaded',
    meaning: 'Too many requests are waiting.',
  },
  draining: {
    status: 503,
    title: 'Gateway shutting down',
    meaning: 'The gateway is shutting down.',
  },
  target_timeout: {
    status: 504,
    title: 'Target timeout',
    meaning: 'The target timed out behind its own front end.',
  },
  outcome_unknown: {
    status: 504,
    title: 'Write outcome unknown',
    meaning: 'A write was sent, and whether it is stored cannot be determined.',
  },
} as const;

export type FaultCode = keyof typeof FAULT_CODES;
