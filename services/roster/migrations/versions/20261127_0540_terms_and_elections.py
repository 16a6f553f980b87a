"""Terms of committees, elections with their steps, and how a post came about and ended."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0540"
down_revision = "20261127_0530"

# Articles 3 to 5 are cited by number, the rest of the regulation by its chapter. 《关于党的基层组织任期的意见》 (2018)
# gives five years to committees and to villages and communities, three to other general branches and branches.
TERMS = """
CREATE TABLE term_rules (
    rule text NOT NULL,
    active_from date NOT NULL,
    active_until date,
    numbers jsonb NOT NULL,
    citation text NOT NULL,
    CONSTRAINT term_rules_pkey PRIMARY KEY (rule, active_from),
    CONSTRAINT term_rules_dates CHECK (active_until > active_from)
);
INSERT INTO term_rules (rule, active_from, numbers, citation) VALUES
    ('term-committee', '2018-07-12', '{"years": 5}', '《关于党的基层组织任期的意见》（2018年）'),
    ('term-village', '2018-07-12', '{"years": 5}', '《关于党的基层组织任期的意见》（2018年）：村和社区'),
    ('term-other', '2018-07-12', '{"years": 3}', '《关于党的基层组织任期的意见》（2018年）：其他党总支、党支部'),
    ('warning', '2018-10-28', '{"months": 6}', '《中国共产党支部工作条例（试行）》（2018年）：上级一般提前六个月提醒'),
    ('shift', '2020-07-13', '{"months": 12}', '《中国共产党基层组织选举工作条例》（2020年）第三条'),
    ('candidates', '2020-07-13', '{"more_percent": 20, "from_seats": 3}',
     '《中国共产党基层组织选举工作条例》（2020年）第三章：委员候选人的差额不少于应选人数的20%'),
    ('quorum', '2020-07-13', '{"of": 5, "come": 4}',
     '《中国共产党基层组织选举工作条例》（2020年）第四章：有选举权的到会人数不少于应到会人数的五分之四'),
    ('majority', '2020-07-13', '{"of": 2, "more_than": 1}',
     '《中国共产党基层组织选举工作条例》（2020年）第四章：赞成票超过实到会有选举权的人数的一半始得当选');

CREATE TABLE elections (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT elections_organisation_id_fkey REFERENCES organisations,
    kind text NOT NULL CONSTRAINT elections_kind CHECK (kind IN ('term', 'by_election')),
    state text NOT NULL CONSTRAINT elections_state
        CHECK (state IN ('requested', 'allowed', 'nominated', 'candidates_approved', 'met', 'counted', 'divided',
                         'reported', 'effective', 'refused', 'cancelled')),
    seats integer NOT NULL,
    seats_left integer NOT NULL,
    planned_on date NOT NULL,
    last_on date NOT NULL,
    asked_at timestamptz NOT NULL,
    waits_since timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT elections_seats CHECK (seats BETWEEN 1 AND 15 AND seats_left BETWEEN 0 AND seats)
);
CREATE UNIQUE INDEX elections_open_key ON elections (organisation_id)
    WHERE state NOT IN ('effective', 'refused', 'cancelled');
CREATE INDEX elections_waiting_idx ON elections (waits_since, id)
    WHERE state IN ('requested', 'nominated', 'reported');
CREATE INDEX elections_organisation_id_asked_at_idx ON elections (organisation_id, asked_at);

CREATE TABLE terms (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT terms_organisation_id_fkey REFERENCES organisations,
    active_from date NOT NULL,
    ends_on date NOT NULL,
    regular_ends_on date NOT NULL,
    ended_on date,
    years integer NOT NULL,
    seats integer NOT NULL,
    made_by text NOT NULL CONSTRAINT terms_made_by CHECK (made_by IN ('elected', 'appointed', 'recorded')),
    document_number text,
    election_id uuid CONSTRAINT terms_election_id_fkey REFERENCES elections,
    CONSTRAINT terms_ends_on CHECK (ends_on >= active_from AND regular_ends_on >= active_from),
    CONSTRAINT terms_ended_on CHECK (ended_on >= active_from),
    CONSTRAINT terms_numbers CHECK (years BETWEEN 1 AND 10 AND seats BETWEEN 1 AND 15),
    CONSTRAINT terms_one_at_a_time
        EXCLUDE USING gist (organisation_id WITH =, daterange(active_from, ended_on) WITH &&)
);
CREATE UNIQUE INDEX terms_open_key ON terms (organisation_id) WHERE ended_on IS NULL;
CREATE INDEX terms_ends_on_idx ON terms (ends_on, organisation_id) WHERE ended_on IS NULL;
CREATE INDEX terms_postponed_idx ON terms (ends_on, organisation_id)
    WHERE ended_on IS NULL AND ends_on > regular_ends_on;

CREATE TABLE term_shifts (
    id uuid PRIMARY KEY,
    term_id uuid NOT NULL CONSTRAINT term_shifts_term_id_fkey REFERENCES terms,
    ends_on date NOT NULL,
    new_ends_on date NOT NULL,
    reason text NOT NULL,
    state text NOT NULL
        CONSTRAINT term_shifts_state CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn')),
    asked_at timestamptz NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    document_number text,
    decision text,
    CONSTRAINT term_shifts_moved CHECK (new_ends_on <> ends_on),
    CONSTRAINT term_shifts_decided CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT term_shifts_document CHECK (state <> 'approved' OR document_number IS NOT NULL),
    CONSTRAINT term_shifts_two_persons CHECK (state <> 'approved' OR decided_by_id <> asked_by_id)
);
CREATE UNIQUE INDEX term_shifts_open_key ON term_shifts (term_id) WHERE state = 'asked';
CREATE INDEX term_shifts_term_id_asked_at_idx ON term_shifts (term_id, asked_at);

CREATE TABLE term_notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    term_id uuid NOT NULL CONSTRAINT term_notices_term_id_fkey REFERENCES terms,
    kind text NOT NULL CONSTRAINT term_notices_kind CHECK (kind IN ('ending', 'overdue')),
    ends_on date NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT term_notices_term_id_kind_ends_on_key UNIQUE (term_id, kind, ends_on)
);
"""

STEPS = """
CREATE TABLE election_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election_id uuid NOT NULL CONSTRAINT election_steps_election_id_fkey REFERENCES elections,
    step text NOT NULL CONSTRAINT election_steps_step
        CHECK (step IN ('request', 'reply', 'refuse', 'nominate', 'approve_candidates', 'return_candidates', 'meet',
                        'ballot', 'count', 'settle', 'divide', 'report', 'approve_result', 'return_result', 'cancel')),
    happened_on date NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    document_number text,
    note text
);
CREATE INDEX election_steps_election_id_id_idx ON election_steps (election_id, id);

CREATE TABLE election_candidates (
    election_id uuid NOT NULL CONSTRAINT election_candidates_election_id_fkey REFERENCES elections,
    person_id uuid NOT NULL CONSTRAINT election_candidates_person_id_fkey REFERENCES people,
    nominated boolean NOT NULL,
    elected_in integer,
    post text CONSTRAINT election_candidates_post
        CHECK (post IN ('secretary', 'deputy_secretary', 'committee_member')),
    CONSTRAINT election_candidates_pkey PRIMARY KEY (election_id, person_id)
);
CREATE UNIQUE INDEX election_candidates_one_secretary_key ON election_candidates (election_id)
    WHERE post = 'secretary';
CREATE INDEX election_candidates_person_id_idx ON election_candidates (person_id);

CREATE TABLE election_meetings (
    election_id uuid NOT NULL CONSTRAINT election_meetings_election_id_fkey REFERENCES elections,
    number integer NOT NULL,
    held_on date NOT NULL,
    entitled integer NOT NULL,
    counted integer NOT NULL,
    quorum integer NOT NULL,
    present integer NOT NULL,
    by_delegates boolean NOT NULL,
    CONSTRAINT election_meetings_pkey PRIMARY KEY (election_id, number),
    CONSTRAINT election_meetings_heads
        CHECK (quorum <= present AND present <= entitled AND counted <= entitled)
);

CREATE TABLE election_absences (
    election_id uuid NOT NULL,
    meeting integer NOT NULL,
    person_id uuid NOT NULL CONSTRAINT election_absences_person_id_fkey REFERENCES people,
    reason text NOT NULL CONSTRAINT election_absences_reason
        CHECK (reason IN ('under_probation', 'rights_suspended', 'cannot_express', 'bedridden', 'abroad',
                          'serving_sentence', 'away')),
    CONSTRAINT election_absences_pkey PRIMARY KEY (election_id, meeting, person_id),
    CONSTRAINT election_absences_election_id_fkey
        FOREIGN KEY (election_id, meeting) REFERENCES election_meetings (election_id, number)
);
CREATE INDEX election_absences_person_id_idx ON election_absences (person_id);

CREATE TABLE election_ballots (
    election_id uuid NOT NULL,
    number integer NOT NULL,
    meeting integer NOT NULL,
    seats integer NOT NULL,
    is_runoff boolean NOT NULL,
    handed_out integer NOT NULL,
    returned integer NOT NULL,
    spoiled integer NOT NULL,
    needed integer NOT NULL,
    outcome text NOT NULL
        CONSTRAINT election_ballots_outcome CHECK (outcome IN ('decided', 'tied', 'missing', 'invalid')),
    CONSTRAINT election_ballots_pkey PRIMARY KEY (election_id, number),
    CONSTRAINT election_ballots_election_id_fkey
        FOREIGN KEY (election_id, meeting) REFERENCES election_meetings (election_id, number),
    CONSTRAINT election_ballots_returned CHECK ((returned > handed_out) = (outcome = 'invalid')),
    CONSTRAINT election_ballots_papers CHECK (spoiled BETWEEN 0 AND returned AND seats >= 1 AND needed >= 0)
);

CREATE TABLE election_votes (
    election_id uuid NOT NULL,
    ballot integer NOT NULL,
    person_id uuid NOT NULL CONSTRAINT election_votes_person_id_fkey REFERENCES people,
    votes integer NOT NULL,
    is_elected boolean NOT NULL,
    is_tied boolean NOT NULL,
    CONSTRAINT election_votes_pkey PRIMARY KEY (election_id, ballot, person_id),
    CONSTRAINT election_votes_election_id_fkey
        FOREIGN KEY (election_id, ballot) REFERENCES election_ballots (election_id, number),
    CONSTRAINT election_votes_votes CHECK (votes >= 0 AND NOT (is_elected AND is_tied))
);
CREATE INDEX election_votes_person_id_idx ON election_votes (person_id);
"""

# What stood before was neither elected nor appointed here; how it ended nobody wrote down.
POSTS = """
ALTER TABLE posts
    ADD COLUMN made_by text
        CONSTRAINT posts_made_by CHECK (made_by IN ('elected', 'appointed', 'recorded')),
    ADD COLUMN document_number text,
    ADD COLUMN election_id uuid CONSTRAINT posts_election_id_fkey REFERENCES elections,
    ADD COLUMN ended_by text
        CONSTRAINT posts_ended_by CHECK (ended_by IN ('moved', 'resigned', 'dismissed', 'deceased', 'membership_ended',
                                                      'replaced', 'term_ended')),
    ADD COLUMN end_document_number text,
    ADD CONSTRAINT posts_ended CHECK (ended_by IS NULL OR held_until IS NOT NULL);
CREATE INDEX posts_ended_idx ON posts (organisation_id, held_until) WHERE held_until IS NOT NULL;
"""

FINDINGS = """
INSERT INTO setting_rules (rule, active_from, numbers, severity, citation) VALUES
    ('term-overdue', '2020-07-13', '{}', 'breach', '《中国共产党基层组织选举工作条例》（2020年）第三条'),
    ('vacancy', '2019-01-01', '{"months": 3}', 'breach',
     '软弱涣散基层党组织的情形：书记空缺超过三个月；其他委员空缺比照执行（本平台默认）');
"""


def upgrade() -> None:
    """Make the tables, then tell posts how they begin and end."""
    for statements in (TERMS, STEPS, POSTS, FINDINGS):
        run_sql(statements)
    forbid_changes("election_steps", "election_meetings", "election_absences", "election_ballots", "election_votes")
    forbid_changes("term_notices")
