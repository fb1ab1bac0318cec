import { LINK_IMPORT_BYTES_MAX } from '../limits.ts';

/** Time for which a session lasts, and one of somebody who has not signed in yet. */
export const SIGNED_IN_MS = 8 * 3_600_000;
export const ANONYMOUS_MS = 3_600_000;
/** Length of a piece of a session in one cookie, and most pieces: browsers store 4 KB of each. */
export const COOKIE_CHARACTERS_MAX = 3_500;
export const COOKIE_PIECES_MAX = 4;
/** Longest key or token, as a JSON text, of a session that these pieces hold once it is sealed. */
export const CREDENTIAL_CHARACTERS_MAX = 10_000;
/** Largest body of a form to sign in or out, of any other, and of those with more to send. */
export const SIGN_IN_FORM_BYTES_MAX = 16 * 1024;
export const FORM_BYTES_MAX = 64 * 1024;
export const PATCH_FORM_BYTES_MAX = 1024 * 1024;
/** Each byte of an imported line takes up to three. */
export const IMPORT_FORM_BYTES_MAX = 3 * LINK_IMPORT_BYTES_MAX + FORM_BYTES_MAX;
/** Interval of live updates, and time after which a stream ends, so that its caller is checked. */
export const LIVE_INTERVAL_MS = 2_000;
export const LIVE_STREAM_MS_MAX = 60_000;
/** Most open streams of one process, and of one session among them. */
export const LIVE_STREAMS_MAX = 64;
export const LIVE_SESSION_STREAMS_MAX = 8;
/** Most rows of a comparison of two profiles, and longest value in one. */
export const COMPARED_ROWS_MAX = 500;
export const COMPARED_CHARACTERS_MAX = 2_000;
/** Parts of the key of a match run that its form has room for. */
export const MATCH_KEY_ROWS = 4;
/** Rows of a page of receipts, links and profiles in doubt. */
export const LISTED_ROWS = 50;
