/** Every bound of the gateway that is not a vendor's: names say what is bounded and the unit. */

/** Most origins whose pages may call, and the longest list of headers that they may ask for. */
export const CORS_ORIGINS_MAX = 50;
export const CORS_HEADERS_CHARACTERS_MAX = 1_000;
/** Largest body of a caller's request. */
export const REQUEST_BODY_BYTES_MAX = 256 * 1024;
/** Most connections of callers to one listener; further ones are closed at once. */
export const CONNECTIONS_MAX = 10_000;
/** Deepest nesting of a patch, the patch itself being 1. */
export const PATCH_DEPTH_MAX = 32;
/** Most members of all objects of a patch, and items of its lists. */
export const PATCH_MEMBERS_MAX = 5_000;
/** Longest text of a number in a patch. */
export const PATCH_NUMBER_CHARACTERS_MAX = 1_000;
/** Longest id of a profile, in code points. */
export const ID_CODE_POINTS_MAX = 256;
/** Most targets named as able to take a field that was refused. */
export const SUPPORTING_TARGETS_MAX = 50;
/** Most field errors that one answer lists. */
export const FIELD_ERRORS_MAX = 100;

/** Largest body of an upstream answer: a profile may hold 1 MiB of attributes, escaped. */
export const RESPONSE_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Largest header block of an upstream answer: PKI tokens take up to 32 KiB in one header. */
export const RESPONSE_HEADER_BYTES_MAX = 64 * 1024;
/** Most bytes of informational responses (1xx) before an upstream answer. */
export const INFORMATIONAL_BYTES_MAX = 16 * 1024;
/** Longest wait for one upstream request where the target does not say. */
export const TARGET_TIMEOUT_MS = 10_000;
/** Longest answer to a caller in all, waits included. */
export const DEADLINE_MS = 30_000;
/** The end of the deadline that is kept for reading back a write without an answer. */
export const READ_BACK_RESERVE_MS = 5_000;
/** Most reads of a profile after a write without an answer, where they fail. */
export const READ_BACKS_MAX = 2;
/** Longest wait of a create for one of its name; waits between searches for its profile; tries. */
export const CREATE_BOUNDS = { waitMs: 5_000, searchMs: 1_000, searchMsMax: 15_000, links: 3 };
/** Most requests of one exchange, and most runs of the plan of one patch, a resend included. */
export const EXCHANGE_STEPS_MAX = 8;
export const WRITE_RUNS_MAX = 4;
/** Most sends of one delete: after one without an answer it is sent again, which does no harm. */
export const REMOVE_SENDS_MAX = 2;
/** Most sends of a read, or of a write that never left; first ceiling of waits, which double. */
export const SEND_ATTEMPTS_MAX = 3;
export const RETRY_WAIT_MS = 100;

/** Slices of a circuit breaker's window, which are dropped one at a time. */
export const BREAKER_SLICES = 10;
/** Time beyond its timeout for which a request may hold its permit, where nobody releases it. */
export const PERMIT_MARGIN_MS = 5_000;
/** Most requests to a target at once, and most that wait, whatever is configured. */
export const CONCURRENCY_MAX = 4_096;
export const QUEUE_MAX = 10_000;

/** Time after which a connection to a vendor serves no further request: its name may have moved. */
export const CONNECTION_LIFE_MS = 60_000;
/** Time for which unused connections are kept, and the interval of the check. */
export const POOL_IDLE_MS = 60_000;
export const POOL_LOOK_MS = 10_000;

/** Most requests at once with a credential that its vendor has not accepted yet. */
export const CREDENTIAL_TRIALS_MAX = 2;
/** Cooldown of refused credentials, at first and at most. */
export const CREDENTIAL_COOLDOWN_MS = 30_000;
export const CREDENTIAL_COOLDOWN_MS_MAX = 300_000;
/** Time by which the cooldown of credentials ends later at replicas that have not begun it. */
export const CREDENTIAL_ADOPTED_MS = 5_000;
/** Time before its expiry at which a token is refreshed. */
export const TOKEN_REFRESH_MARGIN_MS = 30_000;
/** Time for which a token is used whose expiry the vendor did not state. */
export const TOKEN_LIFETIME_MS = 300_000;
/** Most fresh tokens for one request, where each may be ended by a write. */
export const TOKEN_REFRESHES_MAX = 4;
/** Most tokens that one exchange shares with others before it takes one of its own. */
export const SHARED_TOKENS_MAX = 2;
/** Tokens of a target that are hidden from texts: those that were sent last. */
export const TOKENS_REMEMBERED_MAX = 32;

/** Most tasks of other requests that a request waits for in vain before it runs the task itself. */
export const FLIGHT_WAITS_MAX = 2;

/** Most bytes of bodies of all requests in flight, and by default most requests of one caller. */
export const BODY_BYTES_IN_FLIGHT_MAX = 32 * 1024 * 1024;
export const CALLER_REQUESTS_IN_FLIGHT_MAX = 1000;

/** Most callers that wait for one profile, and for all profiles together. */
export const LOCK_WAITERS_PER_PROFILE_MAX = 64;
export const LOCK_WAITERS_MAX = 10_000;
/** First ceiling of the random wait before the next connection to it, and the last one. */
export const STATE_RECONNECT_MS = 50;
export const STATE_RECONNECT_MS_MAX = 1_000;
/** Silence after which the operating system asks whether the state's machine is still there. */
export const STATE_KEEP_ALIVE_MS = 10_000;
/** Above all writes in a second: after a restore fences go on at the second times this. */
export const FENCES_PER_SECOND_MAX = 2 ** 20;
/** Most profiles in doubt that are counted, since a count reads each of them. */
export const STATE_COUNTED_MAX = 10_000;
/** Most calls that wait for one connection to the state. */
export const STATE_CALLS_MAX = 10_000;
/** Time after which a write is tried again whose profile is held under its former key. */
export const FORMER_KEY_HELD_MS = 1_000;
/** Longest time in which another version's tables become this one's. */
export const STATE_MIGRATION_MS_MAX = 60_000;
/** Most profiles remembered as in doubt; those not used longest are dropped first. */
export const IN_DOUBT_MAX = 100_000;

/** Time without a sign of life after which other replicas close a session. */
export const SESSION_MS = 10_000;
/** Longest wait for the state. */
export const STATE_TIMEOUT_MS = 2_000;
/** Time for which receipts, and answers to idempotency keys, are kept. */
export const RECEIPT_DAYS = 90;
export const ANSWER_HOURS = 24;
/** Time after which a profile that nobody writes is forgotten by the state. */
export const RELEASED_LEASE_MS = 3_600_000;
/** Most writes that begin or end in one statement, and most that wait for one. */
export const STATE_BATCH_MAX = 256;
export const STATE_QUEUE_MAX = 10_000;
/** Wait for a profile that another replica holds: at first, and at most; it doubles each time. */
export const LEASE_WAIT_MS = 10;
export const LEASE_WAIT_MS_MAX = 250;
/** Longest wait for the answer to a key to be stored while the session lasts. */
export const ANSWER_STORED_MS_MAX = 2_000;
/** Largest answer to a key once it is sealed: an object of Workers stores values of up to 2 MB. */
export const SEALED_ANSWER_BYTES_MAX = 1_500_000;
/** Most answers to keys that one process keeps, and their bytes; the oldest are dropped first. */
export const ANSWERS_MAX = 10_000;
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** The same for the object of one profile on Workers. */
export const OBJECT_ANSWERS_MAX = 256;
export const OBJECT_ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** Most receipts of one profile there, and characters of their details. */
export const OBJECT_RECEIPTS_MAX = 10_000;
export const OBJECT_RECEIPT_CHARACTERS_MAX = 32 * 1024 * 1024;
/** Longest intent, and details of a receipt, in one row there: one of up to 2 MB. */
export const RECORD_CHARACTERS_MAX = 500_000;
/** Wait for the next look at a write that was cut off there: at first, and at most; it doubles. */
export const LOOK_AGAIN_MS = 2_000;
export const LOOK_AGAIN_MS_MAX = 60_000;
/** Most looks at such a write before it is closed without a read of its profile. */
export const LOOKS_MAX = 16;
/** Longest idempotency key of a caller. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;
/** Wait before an end that could not be stored is tried again. */
export const END_RETRY_MS = 200;
/** Time for which a write whose begin got no answer is given back with each beat. */
export const LOST_BEGIN_MS = 60_000;
/** Longest time for which a configured vendor may still apply a write. */
export const SETTLE_MS_MAX = 600_000;
/** Time for which a write may still be applied whose intent cannot be read. */
export const SETTLE_MS_UNKNOWN = 120_000;
/** Beats between two looks for leases of closed sessions, and between two prunings. */
export const ORPHAN_LOOK_BEATS = 15;
export const PRUNE_BEATS = 30;
/** Most rows of each kind that one pruning removes. */
export const PRUNE_ROWS_MAX = 1_000;
/** Most prunings that follow each other at one beat, where rows come faster than they go. */
export const PRUNINGS_PER_BEAT_MAX = 10;
/** Longest wait for ends to be stored when a process stops. */
export const END_WAIT_MS_MAX = 5_000;
/** Writes of others that are recovered, and read at once; reads that may fail; longest wait. */
export const RECOVERY_BOUNDS = { open: 256, reads: 16, unread: 3, waitMsMax: 5_000 };
/** Longest wait for others that make the tables of a state file. */
export const SQLITE_OPEN_MS_MAX = 5_000;
/** Longest wait between two attempts to write a file that another process writes. */
export const SQLITE_BUSY_WAIT_MS_MAX = 8;
/** Size to which the write-ahead log is cut back after it has been copied to the file. */
export const SQLITE_WAL_BYTES_MAX = 64 * 1024 * 1024;
/** Most receipts that a search looks at before other work of the process goes on. */
export const RECEIPTS_PER_TURN = 2_048;
/** Most receipts, or profiles in doubt, of one page, and of one where the query does not say. */
export const PAGE_ROWS_MAX = 500;
export const PAGE_ROWS = 100;
/** Most of them that are read at once: each may have the pointers of a whole patch. */
export const PAGE_ROWS_PER_READ = 50;
/** Length of its text at which a page ends early. */
export const PAGE_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Profiles of one page of a target where the query does not say; the target declares the most. */
export const LIST_PAGE_ITEMS = 100;
/** Longest cursor of a list of profiles. */
export const LIST_CURSOR_CHARACTERS_MAX = 8_192;
/** Most receipts of one export. */
export const RECEIPTS_EXPORTED_MAX = 10_000;
/** Longest text that a query of operators compares. */
export const FILTER_CHARACTERS_MAX = 1_024;
/** Most links that are read at once from the state. */
export const LINKS_PER_READ = 1_000;
/** Above all changes of links in one timeline; the next one begins at a multiple of it. */
export const LINK_VERSIONS_PER_TIMELINE = 2 ** 32;
/** Most links to one profile that are found; most that a look at them reads before other work. */
export const LINKS_OF_PROFILE_MAX = 100;
export const LINKS_PER_TURN = 5_000;
/** Replaced links whose room in memory is not worth a copy of the others. */
export const LINK_TABLE_WASTE_MIN = 10_000;
/** Largest body with one link, and with the lines of an import; most lines of one. */
export const LINK_BODY_BYTES_MAX = 64 * 1024;
export const LINK_IMPORT_BYTES_MAX = 4 * 1024 * 1024;
export const LINK_IMPORT_LINES_MAX = 5_000;
/** Most times that a write is routed anew since its link was changed meanwhile. */
export const LINK_RESOLVES_MAX = 4;
/** Longest reason of an operator's change, and largest body with one. */
export const REASON_CHARACTERS_MAX = 500;
export const REASON_BODY_BYTES_MAX = 8 * 1024;
/** Most attempts to store the receipt of an operator's change. */
export const CHANGE_STORES_MAX = 2;

/** Longest wait for an issuer's keys, and the largest set of them that is taken. */
export const JWKS_TIMEOUT_MS = 5_000;
export const JWKS_CHARACTERS_MAX = 256 * 1024;
export const JWKS_KEYS_MAX = 100;
/** Most key sets kept; those not used longest are dropped first. */
export const JWKS_SOURCES_MAX = 1_000;
/** Time for which an issuer's keys are fresh, and at most used while no newer ones can be had. */
export const JWKS_FRESH_MS = 600_000;
export const JWKS_STALE_MS_MAX = 3_600_000;
/** Shortest time between two fetches of keys, and after one that failed. */
export const JWKS_COOLDOWN_MS = 30_000;
export const JWKS_RETRY_MS = 5_000;
/** Largest difference between the clocks of an issuer and of the gateway. */
export const JWT_CLOCK_TOLERANCE_SECONDS = 30;
/** Most callers whose rate is kept; those silent longest are dropped first. */
export const CALLER_RATES_MAX = 10_000;

/** Longest text of a vendor that is passed on. */
export const UPSTREAM_MESSAGE_CHARACTERS_MAX = 300;
/** Secrets shorter than this hide nothing when they are replaced in texts. */
export const SECRET_CHARACTERS_MIN = 8;
/** Secrets of fewer different characters are easily guessed. */
export const SECRET_DIFFERENT_CHARACTERS_MIN = 5;

/** Most bytes of a vendor's answer in a debug line of the log. */
export const LOGGED_BODY_BYTES_MAX = 2 * 1024;
/** Most pointers of a patch that a line of the log holds, and how much of each. */
export const LOG_POINTERS_MAX = 100;
export const LOG_POINTER_CHARACTERS_MAX = 256;
/** Log lines that wait for a slow reader; further ones are dropped and counted. */
export const LOG_WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** Longest wait for the last lines of the log when the process ends. */
export const LAST_LINES_MS = 2_000;
/** Most targets with series of their own, those of earlier configurations included. */
export const METERED_TARGETS_MAX = 5_000;
/** Longest wait for the last spans when the process stops. */
export const LAST_SPANS_MS = 3_000;

/** Number of exchanges, and the time, on which the health of a target rests. */
export const HEALTH_RECENT_MAX = 20;
export const HEALTH_RECENT_MS = 300_000;

/** Most workers of one gateway. */
export const WORKERS_MAX = 64;
/** Longest wait for another process of the same gateway, and most questions that wait for it. */
export const WORKER_ANSWER_MS = 2_000;
export const WORKER_QUESTIONS_MAX = 256;
/** Longest time in which a worker reads a configuration and its links anew. */
export const WORKER_RELOAD_MS = 60_000;
/** Rest before a worker that has ended is started again; it doubles each time, up to the second. */
export const WORKER_RESTART_MS = 100;
export const WORKER_RESTART_MS_MAX = 30_000;
/** Time after which a worker counts as one that can serve, so that its next rest is the first. */
export const WORKER_CALM_MS = 60_000;
/** Longest time in which workers stop: the longest delay and the longest drain. */
export const WORKER_STOP_MS_MAX = 120_000;
/** Interval at which workers are asked for an answer, and most that one misses in a row. */
export const WORKER_PING_MS = 10_000;
export const WORKER_PINGS_MISSED_MAX = 3;
/** Most key sets of issuers that are kept for workers that begin later. */
export const WORKER_KEY_SETS_MAX = 64;
/** Longest line of a worker's log. */
export const LOG_LINE_BYTES_MAX = 1024 * 1024;

/** Default time for which a process that stops still accepts requests. */
export const DRAIN_DELAY_MS = 5_000;
/** Interval at which the files of a configuration are checked for changes. */
export const CONFIGURATION_LOOK_MS = 500;
/** Most problems of a refused reload that are kept and logged. */
export const RELOAD_PROBLEMS_MAX = 100;

/** Largest configuration file. */
export const CONFIGURATION_BYTES_MAX = 1024 * 1024;
/** Deepest nesting of a configuration, and most values in it after its aliases are unfolded. */
export const CONFIGURATION_DEPTH_MAX = 16;
export const CONFIGURATION_VALUES_MAX = 100_000;
/** Most uses of aliases that one configuration file may unfold to. */
export const YAML_ALIASES_MAX = 100;

/** Most rules of a configuration, targets in one split, and targets a rule may fall back to. */
export const ROUTES_MAX = 2_000;
export const SHARES_MAX = 32;
export const FALLBACKS_MAX = 8;
/** Longest pattern of a rule. */
export const PATTERN_CHARACTERS_MAX = 1_024;
/** Most rules without a match that an explanation lists. */
export const ROUTE_STEPS_MAX = 100;
/** Largest file of links, its longest line, and most targets of one link. */
export const LINKS_FILE_BYTES_MAX = 1024 * 1024 * 1024;
export const LINK_LINE_BYTES_MAX = 64 * 1024;
export const LINK_TARGETS_MAX = 255;
/** Most bad lines of a file of links that are listed; the others are counted. */
export const LINK_PROBLEMS_MAX = 100;
