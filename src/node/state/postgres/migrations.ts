/** A step from one form of the tables to the next, which is never changed once it is published. */
export type Migration = {
  /** The lowest migration that code must know to work with these tables: see `applyMigrations`. */
  readonly usableFrom: number;
  readonly text: string;
};

/**
 * Lists the migrations in their order; the first has the number 1. One that only adds leaves
 * `usableFrom` as it was, so that replicas of the version before work on. What they still use is
 * removed one release later.
 */
export const POSTGRES_MIGRATIONS: readonly Migration[] = [
  {
    usableFrom: 1,
    text: `
CREATE TABLE profile_gateway.replica (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  beat bigint NOT NULL DEFAULT 0,
  closed boolean NOT NULL DEFAULT false,
  name text NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

-- Every fence comes from here, so none falls, not even after its row was pruned.
CREATE SEQUENCE profile_gateway.fence;

-- No other index: an update that changes no indexed column stays on its page (HOT).
CREATE TABLE profile_gateway.lease (
  key text COLLATE "C" PRIMARY KEY,
  fence bigint NOT NULL DEFAULT nextval('profile_gateway.fence'),
  replica bigint NOT NULL DEFAULT 0,
  write_id text,
  key_hash text,
  intent text,
  begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  doubt_until timestamptz,
  raised_until timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

CREATE TABLE profile_gateway.receipt (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  write_id text COLLATE "C" NOT NULL UNIQUE,
  fence bigint NOT NULL DEFAULT 0,
  kind text NOT NULL,
  key text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  target text NOT NULL,
  caller text NOT NULL,
  outcome text NOT NULL,
  body text NOT NULL
);
CREATE INDEX ON profile_gateway.receipt (key, position);
CREATE INDEX ON profile_gateway.receipt (id, position);
-- Receipts are stored in the order of time, so that a summary of each range of pages suffices.
CREATE INDEX ON profile_gateway.receipt USING brin (at) WITH (autosummarize = on);

CREATE TABLE profile_gateway.idempotency (
  caller text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  key_hash text COLLATE "C" NOT NULL,
  fingerprint text NOT NULL,
  write_id text NOT NULL,
  outcome text NOT NULL,
  sealed text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (caller, id, key_hash)
);
CREATE INDEX ON profile_gateway.idempotency (at);
`,
  },
  {
    usableFrom: 1,
    text: `
ALTER TABLE profile_gateway.replica ADD COLUMN links_version bigint NOT NULL DEFAULT 0;

-- The version of all links.
CREATE TABLE profile_gateway.link_head (
  id int PRIMARY KEY CHECK (id = 1),
  version bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO profile_gateway.link_head VALUES (1, 0);

-- Without targets an id has no link, whatever a file says.
CREATE TABLE profile_gateway.link (
  id text COLLATE "C" PRIMARY KEY,
  targets jsonb,
  version bigint NOT NULL
);
CREATE INDEX ON profile_gateway.link (version, id);
CREATE INDEX ON profile_gateway.link USING gin (targets jsonb_path_ops);

CREATE TABLE profile_gateway.drain (
  target text COLLATE "C" PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  by text NOT NULL,
  reason text NOT NULL
);

CREATE TABLE profile_gateway.credential_cooldown (
  credential text COLLATE "C" PRIMARY KEY,
  until timestamptz NOT NULL,
  length_ms bigint NOT NULL
);
`,
  },
  {
    usableFrom: 1,
    text: `
CREATE TABLE profile_gateway.restored (
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  keys_lost_until timestamptz NOT NULL
);
`,
  },
  {
    usableFrom: 1,
    text: `
-- Each standby that takes over begins another one. NULL where the server does not show it.
CREATE FUNCTION profile_gateway.timeline() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  RETURN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;
`,
  },
  {
    usableFrom: 1,
    text: `
-- The time in which no commit can have been lost, and the moment from which writes may begin in it.
CREATE TABLE profile_gateway.history (
  id int PRIMARY KEY CHECK (id = 1),
  since timestamptz NOT NULL,
  timeline bigint,
  settled_at timestamptz NOT NULL
);
INSERT INTO profile_gateway.history
  VALUES (1, clock_timestamp(), profile_gateway.timeline(), clock_timestamp());

-- Emptied by each crash of the server, and empty at a standby that takes over.
CREATE UNLOGGED TABLE profile_gateway.unbroken (
  id int PRIMARY KEY CHECK (id = 1),
  since timestamptz NOT NULL
);
INSERT INTO profile_gateway.unbroken SELECT id, since FROM profile_gateway.history;

ALTER TABLE profile_gateway.replica ADD COLUMN history_since timestamptz;
`,
  },
  {
    usableFrom: 1,
    text: `
-- Comparisons of the profiles of two targets. A replica works on one until \`leased_until\`.
CREATE TABLE profile_gateway.match_run (
  id text COLLATE "C" PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  by text NOT NULL,
  spec text NOT NULL,
  state text NOT NULL DEFAULT 'running',
  progress text NOT NULL,
  problem text NOT NULL DEFAULT '',
  fence bigint NOT NULL DEFAULT 0,
  decisions bigint NOT NULL DEFAULT 0,
  leased_until timestamptz
);

-- Profiles of a run, by hashes of their keys. A link leads to one where \`link_id\` is there; the
-- same link names \`linked_to\` at the other target.
CREATE TABLE profile_gateway.match_item (
  run text COLLATE "C" NOT NULL,
  side int NOT NULL,
  upstream_id text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  has_key boolean NOT NULL,
  new_link_id text NOT NULL,
  link_id text COLLATE "C",
  linked_to text COLLATE "C",
  PRIMARY KEY (run, side, upstream_id)
);
-- Each kind of look-up fits one index alone, so that it is taken also where the server knows
-- nothing of the rows yet: the primary key, groups in order, one key (of one run anyway), one link.
CREATE INDEX ON profile_gateway.match_item ((run || ''), key);
CREATE INDEX ON profile_gateway.match_item (key, side);
CREATE INDEX ON profile_gateway.match_item (link_id) WHERE link_id IS NOT NULL;

CREATE TABLE profile_gateway.match_candidate (
  run text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  situation text COLLATE "C" NOT NULL,
  PRIMARY KEY (run, key)
);
CREATE INDEX ON profile_gateway.match_candidate (run, situation, key);

-- Each pair in both directions; a pair stays refused in later runs.
CREATE TABLE profile_gateway.match_refusal (
  first_target text COLLATE "C" NOT NULL,
  second_target text COLLATE "C" NOT NULL,
  first_id text COLLATE "C" NOT NULL,
  second_id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (first_target, second_target, first_id, second_id)
);
`,
  },
  {
    usableFrom: 1,
    text: `
-- All runs of the same targets know the same links, so a link is looked up within its run. Only the
-- version before still uses the index of links alone.
CREATE INDEX ON profile_gateway.match_item ((run || ''), link_id) WHERE link_id IS NOT NULL;
`,
  },
];
