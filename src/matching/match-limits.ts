/** Most match runs that are kept, the oldest are removed first; and that one process works on. */
export const MATCH_RUNS_MAX = 20;
export const MATCHES_AT_ONCE_MAX = 2;
/** Most profiles of each target that a match run takes, pages of both, and parts of its key. */
export const MATCH_PROFILES_MAX = 2_000_000;
export const MATCH_PAGES_MAX = 400_000;
export const MATCH_KEYS_MAX = 4;
/** Longest pointer of a key, and prefix of the ids of new links. */
export const MATCH_POINTER_CHARACTERS_MAX = 256;
export const MATCH_PREFIX_CHARACTERS_MAX = 64;
/** Most pages that a run requests of its targets in a second, and where nothing is said. */
export const MATCH_REQUESTS_PER_SECOND_MAX = 50;
export const MATCH_REQUESTS_PER_SECOND = 5;
/** Time after which another replica may take a run over that shows no progress. */
export const MATCH_LEASE_MS = 60_000;
/** Most attempts at one step of a run; the wait before the second, which doubles, and at most. */
export const MATCH_ATTEMPTS_MAX = 6;
export const MATCH_RETRY_MS = 1_000;
export const MATCH_RETRY_MS_MAX = 20_000;
/** Most groups, links and rows to remove of one step of a run. */
export const MATCH_ROWS_PER_STEP = 1_000;
/** Most steps that remove earlier runs after another one. */
export const MATCH_REMOVALS_MAX = 2_000;
/** Most candidates that one request decides by name, or all at once, and of one transaction. */
export const MATCH_DECISIONS_MAX = 500;
export const MATCH_DECISIONS_AT_ONCE_MAX = 5_000;
export const MATCH_DECISIONS_PER_STEP = 250;
/** Largest body about match runs. */
export const MATCH_BODY_BYTES_MAX = 512 * 1024;
/** Most profiles of each target that a candidate shows. */
export const MATCH_PROFILES_SHOWN = 20;
