"""Allocation rounds for scarce dates: what they cover, the requests, the turns of the draw, and the rule's numbers."""

from importlib import resources

from chassis.migrations import grant_rights, run_sql

revision = "20261126_0300"
down_revision = "20261126_0200"

ROUNDS = """
CREATE TABLE allocation_rounds (
    id uuid PRIMARY KEY,
    title text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    draw_at timestamptz NOT NULL,
    seed text NOT NULL,
    wishes_max integer NOT NULL,
    visits_max integer NOT NULL,
    unvisited_first boolean NOT NULL,
    no_visit_days integer NOT NULL,
    citation text NOT NULL,
    state text NOT NULL
        CONSTRAINT allocation_rounds_state CHECK (state IN ('announced', 'drawing', 'drawn', 'withdrawn')),
    announced_at timestamptz NOT NULL,
    announced_by_id uuid NOT NULL,
    announced_by text NOT NULL,
    drawn_at timestamptz,
    slots_before jsonb,
    reason text,
    CONSTRAINT allocation_rounds_days CHECK (first_on <= last_on),
    CONSTRAINT allocation_rounds_times CHECK (opens_at < closes_at AND closes_at <= draw_at),
    CONSTRAINT allocation_rounds_numbers
        CHECK (wishes_max BETWEEN 1 AND 10 AND visits_max BETWEEN 1 AND 5 AND no_visit_days > 0),
    CONSTRAINT allocation_rounds_drawn CHECK ((state IN ('drawing', 'drawn')) = (drawn_at IS NOT NULL))
);
CREATE INDEX allocation_rounds_newest_idx ON allocation_rounds (announced_at, id);
CREATE INDEX allocation_rounds_due_idx ON allocation_rounds (draw_at) WHERE state IN ('announced', 'drawing');

CREATE TABLE allocation_places (
    round_id uuid CONSTRAINT allocation_places_round_id_fkey REFERENCES allocation_rounds,
    site_id uuid CONSTRAINT allocation_places_site_id_fkey REFERENCES sites,
    programme_ids uuid[],
    days daterange NOT NULL,
    is_live boolean NOT NULL DEFAULT true,
    CONSTRAINT allocation_places_pkey PRIMARY KEY (round_id, site_id),
    CONSTRAINT allocation_places_one_round EXCLUDE USING gist (site_id WITH =, days WITH &&) WHERE (is_live)
);

CREATE TABLE allocation_requests (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL CONSTRAINT allocation_requests_round_id_fkey REFERENCES allocation_rounds,
    branch_id uuid NOT NULL,
    party_size integer NOT NULL CONSTRAINT allocation_requests_party_size CHECK (party_size BETWEEN 1 AND 500),
    visits integer NOT NULL CONSTRAINT allocation_requests_visits CHECK (visits BETWEEN 1 AND 5),
    waits boolean NOT NULL,
    contact_name text NOT NULL,
    contact_phone bytea NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_by text NOT NULL,
    state text NOT NULL CONSTRAINT allocation_requests_state
        CHECK (state IN ('asked', 'withdrawn', 'given', 'waiting', 'not_given')),
    version bigint NOT NULL DEFAULT 1,
    unvisited boolean,
    digest text,
    position integer,
    waiting_entry_id uuid CONSTRAINT allocation_requests_waiting_entry_id_fkey REFERENCES waiting_entries,
    CONSTRAINT allocation_requests_round_id_branch_id_key UNIQUE (round_id, branch_id),
    CONSTRAINT allocation_requests_round_id_position_key UNIQUE (round_id, position),
    CONSTRAINT allocation_requests_position CHECK ((position IS NULL) = (digest IS NULL)),
    CONSTRAINT allocation_requests_waiting CHECK ((state = 'waiting') = (waiting_entry_id IS NOT NULL))
);
CREATE INDEX allocation_requests_branch_idx ON allocation_requests (branch_id, asked_at);

CREATE TABLE allocation_wishes (
    request_id uuid CONSTRAINT allocation_wishes_request_id_fkey REFERENCES allocation_requests,
    number integer CONSTRAINT allocation_wishes_number CHECK (number BETWEEN 1 AND 10),
    slot_id uuid NOT NULL CONSTRAINT allocation_wishes_slot_id_fkey REFERENCES slots,
    CONSTRAINT allocation_wishes_pkey PRIMARY KEY (request_id, number),
    CONSTRAINT allocation_wishes_request_id_slot_id_key UNIQUE (request_id, slot_id)
);

CREATE TABLE allocation_turns (
    request_id uuid CONSTRAINT allocation_turns_request_id_fkey REFERENCES allocation_requests,
    turn integer CONSTRAINT allocation_turns_turn CHECK (turn BETWEEN 1 AND 5),
    tried jsonb NOT NULL,
    order_id uuid CONSTRAINT allocation_turns_order_id_key UNIQUE
        CONSTRAINT allocation_turns_order_id_fkey REFERENCES orders,
    done_at timestamptz NOT NULL,
    CONSTRAINT allocation_turns_pkey PRIMARY KEY (request_id, turn)
);

CREATE TABLE allocation_rules (
    effective_from date PRIMARY KEY,
    wishes_max integer NOT NULL,
    visits_max integer NOT NULL,
    unvisited_first boolean NOT NULL,
    no_visit_days integer NOT NULL,
    citation text NOT NULL,
    CONSTRAINT allocation_rules_numbers
        CHECK (wishes_max BETWEEN 1 AND 10 AND visits_max BETWEEN 1 AND 5 AND no_visit_days > 0)
);
INSERT INTO allocation_rules (effective_from, wishes_max, visits_max, unvisited_first, no_visit_days, citation) VALUES
    ('2020-01-01', 5, 1, true, 365, '本平台默认值：每支部最多填 5 个志愿、安排 1 次；近一年未参访的支部优先');

-- It tells more of a slot.
DROP FUNCTION order_facts;
"""


def upgrade() -> None:
    run_sql(ROUNDS)
    for name in ("allocation_round_of", "take_seats", "order_facts"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
    grant_rights("sites", append_only=("allocation_turns",))
