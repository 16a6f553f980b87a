"""Notices, bulletins, supervision slips and reminder talks (A5)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0640"
down_revision = "20261127_0630"

NOTICES = r"""
-- What was told, once for each occasion of a subject, to a person or to those who lead an organisation.
CREATE TABLE notices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CONSTRAINT notices_kind CHECK (kind ~ '^[a-z_]+$'),
    organisation_id uuid,
    person_id uuid,
    subject_id uuid NOT NULL,
    occasion text NOT NULL,
    facts jsonb NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT notices_to_whom CHECK (num_nonnulls(organisation_id, person_id) = 1),
    CONSTRAINT notices_once UNIQUE NULLS NOT DISTINCT (subject_id, kind, occasion, organisation_id, person_id)
);
CREATE INDEX notices_organisation_id_told_at_idx ON notices (organisation_id, told_at);
CREATE INDEX notices_person_id_told_at_idx ON notices (person_id, told_at);

CREATE TABLE notice_reads (
    notice_id uuid NOT NULL CONSTRAINT notice_reads_notice_id_fkey REFERENCES notices,
    person_id uuid NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (notice_id, person_id)
);
"""


SLIPS = r"""
CREATE TABLE document_numbers (
    issuer_id uuid NOT NULL,
    series text NOT NULL
        CONSTRAINT document_numbers_series CHECK (series IN ('slip', 'daily', 'monthly', 'quarterly')),
    year smallint NOT NULL,
    last integer NOT NULL CONSTRAINT document_numbers_last CHECK (last >= 0),
    PRIMARY KEY (issuer_id, series, year)
);

CREATE TABLE supervision_rules (
    effective_from date PRIMARY KEY,
    slip_days integer NOT NULL,
    talk_days integer NOT NULL,
    escalate_days integer NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    CONSTRAINT supervision_rules_numbers CHECK (slip_days BETWEEN 1 AND 60 AND talk_days BETWEEN 1 AND 60
                                                AND escalate_days BETWEEN 1 AND 30)
);

-- issued ──reply──▶ replied ──accept──▶ closed;  replied ──return──▶ returned ──reply──▶ replied
-- issued, replied, returned ──withdraw──▶ withdrawn
CREATE TABLE slips (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    issuer_id uuid NOT NULL,
    issuer_name text NOT NULL,
    year smallint NOT NULL,
    number integer NOT NULL CONSTRAINT slips_number CHECK (number > 0),
    branch_id uuid NOT NULL,
    subject_kind text NOT NULL
        CONSTRAINT slips_subject_kind CHECK (subject_kind IN ('light', 'card', 'problem', 'other')),
    subject_id uuid,
    subject text NOT NULL,
    month text CONSTRAINT slips_month CHECK (month ~ '^\d{4}-\d{2}$'),
    readings jsonb NOT NULL,
    demand text NOT NULL,
    person_id uuid,
    person_name text,
    issued_at timestamptz NOT NULL,
    issued_by_id uuid,
    issued_by text,
    due_on date NOT NULL,
    state text NOT NULL DEFAULT 'issued'
        CONSTRAINT slips_state CHECK (state IN ('issued', 'replied', 'returned', 'closed', 'withdrawn')),
    replied_by_id uuid,
    replied_by text,
    level smallint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT slips_issuer_id_year_number_key UNIQUE (issuer_id, year, number),
    CONSTRAINT slips_light CHECK (subject_kind <> 'light' OR month IS NOT NULL),
    CONSTRAINT slips_replied CHECK (state NOT IN ('replied', 'closed') OR replied_by IS NOT NULL),
    CONSTRAINT slips_issued_by CHECK ((issued_by_id IS NULL) = (issued_by IS NULL))
);
CREATE INDEX slips_branch_id_due_on_idx ON slips (branch_id, due_on);
CREATE INDEX slips_person_id_idx ON slips (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX slips_awaiting_idx ON slips (due_on) WHERE state IN ('issued', 'returned');
CREATE UNIQUE INDEX slips_of_light_idx ON slips (branch_id, month)
    WHERE subject_kind = 'light' AND issued_by_id IS NULL;

-- What was issued stays as it was issued; what is closed or withdrawn never changes.
CREATE FUNCTION keep_slip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('closed', 'withdrawn')
        OR (OLD.id, OLD.issuer_id, OLD.issuer_name, OLD.year, OLD.number, OLD.branch_id, OLD.subject_kind, OLD.subject,
            OLD.readings, OLD.demand, OLD.issued_at)
            IS DISTINCT FROM (NEW.id, NEW.issuer_id, NEW.issuer_name, NEW.year, NEW.number, NEW.branch_id,
            NEW.subject_kind, NEW.subject, NEW.readings, NEW.demand, NEW.issued_at)
        OR (OLD.subject_id, OLD.month, OLD.person_id, OLD.person_name, OLD.issued_by_id, OLD.issued_by)
            IS DISTINCT FROM (NEW.subject_id, NEW.month, NEW.person_id, NEW.person_name, NEW.issued_by_id,
            NEW.issued_by)
    THEN
        RAISE EXCEPTION 'a slip stays as it was issued';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_slip BEFORE UPDATE OR DELETE ON slips FOR EACH ROW EXECUTE FUNCTION keep_slip();

CREATE TABLE slip_steps (
    slip_id uuid NOT NULL CONSTRAINT slip_steps_slip_id_fkey REFERENCES slips,
    version bigint NOT NULL,
    move text NOT NULL CONSTRAINT slip_steps_move
        CHECK (move IN ('issue', 'reply', 'accept', 'return', 'withdraw', 'escalate')),
    state text NOT NULL
        CONSTRAINT slip_steps_state CHECK (state IN ('issued', 'replied', 'returned', 'closed', 'withdrawn')),
    at timestamptz NOT NULL,
    text text,
    due_on date,
    level smallint,
    files jsonb NOT NULL DEFAULT '[]'::jsonb,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (slip_id, version)
);
"""

BULLETINS = r"""
CREATE TABLE followers (
    organisation_id uuid PRIMARY KEY,
    person_id uuid,
    person_name text,
    set_at timestamptz NOT NULL,
    set_by_id uuid NOT NULL,
    set_by text NOT NULL,
    CONSTRAINT followers_person CHECK ((person_id IS NULL) = (person_name IS NULL))
);
CREATE INDEX followers_person_id_idx ON followers (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE follow_ups (
    id uuid PRIMARY KEY,
    branch_id uuid NOT NULL,
    month text NOT NULL CONSTRAINT follow_ups_month CHECK (month ~ '^\d{4}-\d{2}$'),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    text text,
    cause text,
    plan text,
    plan_on date,
    CONSTRAINT follow_ups_something CHECK (num_nonnulls(text, cause, plan) > 0),
    CONSTRAINT follow_ups_plan CHECK ((plan IS NULL) = (plan_on IS NULL))
);
CREATE INDEX follow_ups_branch_id_month_at_idx ON follow_ups (branch_id, month, at);

-- draft ──sign──▶ signed ──send──▶ sent;  draft ──withdraw──▶ withdrawn
CREATE TABLE bulletins (
    id uuid PRIMARY KEY,
    kind text NOT NULL CONSTRAINT bulletins_kind CHECK (kind IN ('daily', 'monthly', 'quarterly')),
    period text NOT NULL,
    issuer_id uuid NOT NULL,
    issuer_name text NOT NULL,
    title text NOT NULL,
    opening text,
    closing text,
    figures jsonb NOT NULL,
    parts jsonb NOT NULL,
    as_of timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'draft'
        CONSTRAINT bulletins_state CHECK (state IN ('draft', 'signed', 'sent', 'withdrawn')),
    year smallint NOT NULL,
    number integer CONSTRAINT bulletins_number CHECK (number > 0),
    corrects_id uuid CONSTRAINT bulletins_corrects_id_fkey REFERENCES bulletins,
    drafted_by_id uuid NOT NULL,
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL,
    edited_by text,
    edited_at timestamptz,
    signed_by_id uuid,
    signed_by text,
    signed_at timestamptz,
    sent_by text,
    sent_at timestamptz,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT bulletins_issuer_id_kind_year_number_key UNIQUE (issuer_id, kind, year, number),
    CONSTRAINT bulletins_signed CHECK (
        (state IN ('signed', 'sent')) = (number IS NOT NULL)
        AND (number IS NULL) = (signed_by_id IS NULL) AND (number IS NULL) = (signed_at IS NULL)
        AND (number IS NULL) = (signed_by IS NULL)),
    CONSTRAINT bulletins_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT bulletins_withdrawn CHECK ((state = 'withdrawn') = (reason IS NOT NULL)),
    -- Two people: nobody signs what they drafted.
    CONSTRAINT bulletins_two_people CHECK (signed_by_id <> drafted_by_id)
);
CREATE INDEX bulletins_issuer_id_drafted_at_idx ON bulletins (issuer_id, drafted_at);
CREATE UNIQUE INDEX bulletins_one_idx ON bulletins (issuer_id, kind, period)
    WHERE corrects_id IS NULL AND state <> 'withdrawn';
CREATE UNIQUE INDEX bulletins_corrects_id_idx ON bulletins (corrects_id) WHERE state <> 'withdrawn';

-- The data of a draft never change, its words do; what is signed is frozen but for its being sent.
CREATE FUNCTION keep_bulletin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    words text[] := ARRAY['state', 'version', 'title', 'opening', 'closing', 'edited_by', 'edited_at', 'number', 'year',
                          'signed_by_id', 'signed_by', 'signed_at', 'reason'];
    sending text[] := ARRAY['state', 'version', 'sent_by', 'sent_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'no bulletin is removed';
    ELSIF OLD.state = 'draft' AND NEW.state <> 'sent' AND was - words = to_jsonb(NEW) - words THEN
        RETURN NEW;
    ELSIF OLD.state = 'signed' AND NEW.state = 'sent' AND was - sending = to_jsonb(NEW) - sending THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a bulletin that is % is not changed', OLD.state;
END $$;
CREATE TRIGGER keep_bulletin BEFORE UPDATE OR DELETE ON bulletins FOR EACH ROW EXECUTE FUNCTION keep_bulletin();

CREATE TABLE bulletin_lines (
    bulletin_id uuid NOT NULL CONSTRAINT bulletin_lines_bulletin_id_fkey REFERENCES bulletins,
    position integer NOT NULL,
    branch_id uuid NOT NULL,
    branch_name text NOT NULL,
    above_name text,
    light text NOT NULL,
    months text[] NOT NULL,
    readings jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    is_frozen boolean NOT NULL,
    follower_name text,
    slip_number text,
    slip_state text,
    cause text,
    plan text,
    plan_on date,
    remark text,
    PRIMARY KEY (bulletin_id, position),
    CONSTRAINT bulletin_lines_bulletin_id_branch_id_key UNIQUE (bulletin_id, branch_id)
);
CREATE INDEX bulletin_lines_bulletin_id_light_position_idx ON bulletin_lines (bulletin_id, light, position);

-- Lines come and change with a draft alone, and of them only the words change. The bulletin's row is locked meanwhile,
-- so that nobody signs it between the look and the change.
CREATE FUNCTION keep_bulletin_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words text[] := ARRAY['cause', 'plan', 'plan_on', 'remark'];
    bulletin_state text;
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND to_jsonb(OLD) - words <> to_jsonb(NEW) - words) THEN
        RAISE EXCEPTION 'the data of a bulletin are not changed';
    END IF;
    SELECT state INTO bulletin_state FROM bulletins WHERE id = NEW.bulletin_id FOR SHARE;
    IF bulletin_state <> 'draft' THEN
        RAISE EXCEPTION 'a bulletin that is % is not changed', bulletin_state;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_bulletin_line BEFORE INSERT OR UPDATE OR DELETE ON bulletin_lines
    FOR EACH ROW EXECUTE FUNCTION keep_bulletin_line();

CREATE TABLE bulletin_steps (
    bulletin_id uuid NOT NULL CONSTRAINT bulletin_steps_bulletin_id_fkey REFERENCES bulletins,
    version bigint NOT NULL,
    move text NOT NULL
        CONSTRAINT bulletin_steps_move CHECK (move IN ('draft', 'edit', 'sign', 'send', 'withdraw')),
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reason text,
    PRIMARY KEY (bulletin_id, version)
);

CREATE TABLE bulletin_receipts (
    bulletin_id uuid NOT NULL CONSTRAINT bulletin_receipts_bulletin_id_fkey REFERENCES bulletins,
    organisation_id uuid NOT NULL,
    organisation_name text NOT NULL,
    sent_at timestamptz NOT NULL,
    read_at timestamptz,
    read_by_id uuid,
    read_by text,
    PRIMARY KEY (bulletin_id, organisation_id),
    CONSTRAINT bulletin_receipts_read CHECK (num_nonnulls(read_at, read_by_id, read_by) IN (0, 3))
);
CREATE INDEX bulletin_receipts_organisation_id_idx ON bulletin_receipts (organisation_id);
"""

TALKS = r"""
-- due ──hold──▶ held
CREATE TABLE talks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    branch_id uuid NOT NULL,
    months text[] NOT NULL,
    last_month text NOT NULL,
    secretary_id uuid,
    secretary_name text,
    opened_at timestamptz NOT NULL,
    due_on date NOT NULL,
    state text NOT NULL DEFAULT 'due' CONSTRAINT talks_state CHECK (state IN ('due', 'held')),
    held_on date,
    held_by text,
    with_name text,
    said text,
    promised text,
    recorded_by_id uuid,
    recorded_by text,
    recorded_at timestamptz,
    CONSTRAINT talks_branch_id_last_month_key UNIQUE (branch_id, last_month),
    CONSTRAINT talks_held CHECK (
        num_nonnulls(held_on, held_by, with_name, said, promised, recorded_by_id, recorded_by, recorded_at)
        = CASE state WHEN 'held' THEN 8 ELSE 0 END)
);
CREATE UNIQUE INDEX talks_due_idx ON talks (branch_id) WHERE state = 'due';
CREATE INDEX talks_due_on_idx ON talks (due_on);

-- The record of a talk that was held, and the receipt of who read, stay.
CREATE FUNCTION keep_when_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded in % stays', TG_TABLE_NAME;
END $$;
CREATE TRIGGER keep_when_done BEFORE UPDATE ON talks
    FOR EACH ROW WHEN (OLD.state = 'held') EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_always BEFORE DELETE ON talks FOR EACH ROW EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON bulletin_receipts
    FOR EACH ROW WHEN (OLD.read_at IS NOT NULL) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_always BEFORE DELETE ON bulletin_receipts FOR EACH ROW EXECUTE FUNCTION keep_when_done();
"""

NUMBERS = """
INSERT INTO supervision_rules (effective_from, slip_days, talk_days, escalate_days, citation) VALUES
    ('2018-10-28', 7, 10, 3,
     '池西党群发〔2022〕12号第3条：亮红灯即督办、连续2个月亮红灯提醒谈话；7日内回复、10日内谈话、逾期每3日上报一级均为本平台默认值');
"""


def upgrade() -> None:
    run_sql(NOTICES)
    run_sql(SLIPS)
    run_sql(BULLETINS)
    run_sql(TALKS)
    forbid_changes("notices", "notice_reads", "slip_steps", "follow_ups", "bulletin_steps")
    run_sql(NUMBERS)
