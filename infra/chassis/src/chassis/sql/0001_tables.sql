-- The chassis' tables, first shape. A later shape is another file; this one never changes.

CREATE TABLE commands (
    id uuid PRIMARY KEY,
    door text NOT NULL,
    caller uuid,
    body_hash bytea NOT NULL,
    answer bytea,
    created_at timestamptz NOT NULL
);
CREATE INDEX commands_by_age ON commands (created_at);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    event text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    traceparent text,
    sent_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- waiting ──act──▶ acted
--    │ ▲ └──last attempt fails──▶ parked
--    └─┘ attempt fails: attempts + 1, a later next_try_at
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    source text NOT NULL,
    event text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id text NOT NULL,
    version bigint NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    traceparent text,
    received_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT inbox_state CHECK (state IN ('waiting', 'acted', 'parked')),
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    acted_at timestamptz,
    error text
);
CREATE INDEX inbox_waiting ON inbox (next_try_at) WHERE state = 'waiting';
CREATE INDEX inbox_acted ON inbox (acted_at) WHERE state = 'acted';

-- waiting ──claim──▶ running ──▶ done
--    ▲                 │  └──────▶ failed
--    └──attempt fails──┘
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    params jsonb NOT NULL,
    asked_by uuid,
    asked_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CONSTRAINT jobs_state CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    done integer NOT NULL DEFAULT 0,
    total integer,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    lease uuid,
    lease_until timestamptz,
    ended_at timestamptz,
    result jsonb,
    error jsonb
);
CREATE INDEX jobs_waiting ON jobs (next_try_at) WHERE state IN ('waiting', 'running');

CREATE TABLE timers (
    name text PRIMARY KEY,
    last_ran_at timestamptz NOT NULL
);

-- For the triggers that `append_only` puts on a table.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed or removed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
