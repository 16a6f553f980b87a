"""Problems, their rectification, inspections and draws (A9), and the cards that warn an organisation (A11)."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0655"
down_revision = "20261127_0650"

TABLES = r"""
CREATE TABLE problem_kinds (
    code text NOT NULL,
    name text NOT NULL,
    position integer NOT NULL,
    active_from date NOT NULL,
    active_until date,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    PRIMARY KEY (code),
    CONSTRAINT problem_kinds_active CHECK (active_until > active_from),
    CONSTRAINT problem_kinds_code CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$')
);

CREATE TABLE samples (
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    organisation_id uuid NOT NULL,
    field text,
    from_day date NOT NULL,
    until_day date NOT NULL,
    size integer NOT NULL,
    is_crossed boolean NOT NULL,
    third_party text,
    seed_on date NOT NULL,
    seed_number text NOT NULL,
    draw_on date NOT NULL,
    state text NOT NULL,
    announced_at timestamptz NOT NULL,
    announced_by_id uuid NOT NULL,
    announced_by text NOT NULL,
    drawn_at timestamptz,
    drawn_by text,
    closed_at timestamptz,
    closed_by text,
    bulletin_number text,
    bulletin jsonb,
    version bigint DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT samples_kind CHECK (kind IN ('supervision', 'sampling')),
    CONSTRAINT samples_state CHECK (state IN ('announced', 'drawn', 'closed')),
    CONSTRAINT samples_third_party CHECK ((kind = 'sampling') = (third_party IS NOT NULL)),
    CONSTRAINT samples_crossed CHECK (NOT is_crossed OR kind = 'supervision'),
    CONSTRAINT samples_days CHECK (from_day <= until_day AND seed_on < draw_on AND draw_on <= until_day),
    CONSTRAINT samples_size CHECK (size BETWEEN 1 AND 10000),
    CONSTRAINT samples_drawn CHECK ((state = 'announced') = (drawn_at IS NULL)),
    CONSTRAINT samples_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)
        AND (closed_at IS NULL) = (bulletin IS NULL) AND (bulletin IS NULL) = (bulletin_number IS NULL)),
    CONSTRAINT samples_organisation_id_seed_number_key UNIQUE (organisation_id, seed_number)
);

CREATE TABLE sample_entries (
    sample_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    digest text NOT NULL,
    position integer NOT NULL,
    is_drawn boolean NOT NULL,
    checker_id uuid,
    PRIMARY KEY (sample_id, organisation_id),
    CONSTRAINT sample_entries_sample_id_position_key UNIQUE (sample_id, position),
    CONSTRAINT sample_entries_sample_id_fkey FOREIGN KEY(sample_id) REFERENCES samples (id)
);

CREATE TABLE inspections (
    id uuid NOT NULL,
    source text NOT NULL,
    organisation_id uuid NOT NULL,
    sample_id uuid,
    held_on date NOT NULL,
    inspector text NOT NULL,
    basis text,
    notes text,
    recorded_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT inspections_source CHECK (source IN ('spot_check', 'superior_inspection', 'supervision',
        'sampling')),
    CONSTRAINT inspections_sample CHECK ((source IN ('supervision', 'sampling')) = (sample_id IS NOT NULL)),
    CONSTRAINT inspections_sample_id_fkey FOREIGN KEY(sample_id, organisation_id)
        REFERENCES sample_entries (sample_id, organisation_id),
    CONSTRAINT inspections_sample_id_organisation_id_key UNIQUE (sample_id, organisation_id)
);
CREATE INDEX inspections_held_on_id_idx ON inspections (held_on, id);
CREATE INDEX inspections_organisation_id_held_on_idx ON inspections (organisation_id, held_on);

CREATE TABLE problems (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    found_on date NOT NULL,
    found_by text,
    source text NOT NULL,
    source_id uuid NOT NULL,
    round_id uuid,
    state text NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by_id uuid,
    version bigint DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT problems_source CHECK (source IN ('round_visit', 'spot_check', 'superior_inspection', 'supervision',
        'sampling', 'light')),
    CONSTRAINT problems_state CHECK (state IN ('open', 'mending', 'mended', 'withdrawn')),
    CONSTRAINT problems_source_source_id_kind_key UNIQUE (source, source_id, kind),
    CONSTRAINT problems_id_source_key UNIQUE (id, source),
    CONSTRAINT problems_id_organisation_id_key UNIQUE (id, organisation_id),
    CONSTRAINT problems_kind_fkey FOREIGN KEY(kind) REFERENCES problem_kinds (code)
);
CREATE INDEX problems_found_on_id_idx ON problems (found_on, id);
CREATE INDEX problems_organisation_id_found_on_idx ON problems (organisation_id, found_on);

CREATE TABLE problem_steps (
    problem_id uuid NOT NULL,
    version bigint NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    reason text,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (problem_id, version),
    CONSTRAINT problem_steps_move CHECK (move IN ('mend', 'close', 'rebound', 'withdraw')),
    CONSTRAINT problem_steps_state CHECK (state IN ('open', 'mending', 'mended', 'withdrawn')),
    CONSTRAINT problem_steps_problem_id_fkey FOREIGN KEY(problem_id) REFERENCES problems (id)
);

CREATE TABLE problem_trainings (
    id uuid NOT NULL,
    problem_id uuid NOT NULL,
    subject text NOT NULL,
    who text NOT NULL,
    due_on date NOT NULL,
    assigned_at timestamptz NOT NULL,
    assigned_by_id uuid NOT NULL,
    assigned_by text NOT NULL,
    done_on date,
    done_text text,
    done_by_id uuid,
    done_by text,
    PRIMARY KEY (id),
    CONSTRAINT problem_trainings_done CHECK ((done_on IS NULL) = (done_text IS NULL)
        AND (done_on IS NULL) = (done_by IS NULL) AND (done_on IS NULL) = (done_by_id IS NULL)),
    CONSTRAINT problem_trainings_problem_id_fkey FOREIGN KEY(problem_id) REFERENCES problems (id)
);
CREATE INDEX problem_trainings_due_on_idx ON problem_trainings (due_on) WHERE done_on IS NULL;
CREATE INDEX problem_trainings_problem_id_idx ON problem_trainings (problem_id);

CREATE TABLE rectifications (
    id uuid NOT NULL,
    problem_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    state text NOT NULL,
    measures text,
    in_charge text,
    deadline date NOT NULL,
    report text,
    reported_on date,
    reported_by_id uuid,
    accepted_on date,
    accepted_by_id uuid,
    opened_at timestamptz NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT rectifications_problem_id_fkey FOREIGN KEY(problem_id, organisation_id) REFERENCES problems (id,
        organisation_id),
    CONSTRAINT rectifications_state CHECK (state IN ('open', 'reported', 'returned', 'accepted', 'withdrawn')),
    CONSTRAINT rectifications_reported CHECK (state NOT IN ('reported', 'accepted') OR (report IS NOT NULL
        AND reported_on IS NOT NULL AND reported_by_id IS NOT NULL AND measures IS NOT NULL
        AND in_charge IS NOT NULL)),
    CONSTRAINT rectifications_accepted CHECK ((state = 'accepted') = (accepted_on IS NOT NULL)
        AND (accepted_on IS NULL) = (accepted_by_id IS NULL)),
    CONSTRAINT rectifications_two_people CHECK (accepted_by_id <> reported_by_id),
    CONSTRAINT rectifications_problem_id_key UNIQUE (problem_id)
);
CREATE INDEX rectifications_deadline_idx ON rectifications (deadline) WHERE state IN ('open', 'reported',
        'returned');
CREATE INDEX rectifications_organisation_id_idx ON rectifications (organisation_id);

CREATE TABLE rectification_steps (
    rectification_id uuid NOT NULL,
    version bigint NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    text text,
    deadline date,
    by_id uuid,
    by_name text NOT NULL,
    PRIMARY KEY (rectification_id, version),
    CONSTRAINT rectification_steps_move CHECK (move IN ('report', 'accept', 'return', 'reopen', 'withdraw',
        'begin', 'plan', 'extend', 'carry')),
    CONSTRAINT rectification_steps_state CHECK (state IN ('open', 'reported', 'returned', 'accepted', 'withdrawn')),
    CONSTRAINT rectification_steps_reason CHECK (move NOT IN ('return', 'extend', 'withdraw') OR text IS NOT NULL),
    CONSTRAINT rectification_steps_rectification_id_fkey FOREIGN KEY(rectification_id)
        REFERENCES rectifications (id)
);

CREATE TABLE rectification_rounds (
    rectification_id uuid NOT NULL,
    source_id uuid NOT NULL,
    position integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (rectification_id, source_id),
    CONSTRAINT rectification_rounds_rectification_id_position_key UNIQUE (rectification_id, position),
    CONSTRAINT rectification_rounds_rectification_id_fkey FOREIGN KEY(rectification_id)
        REFERENCES rectifications (id)
);
CREATE INDEX rectification_rounds_source_id_idx ON rectification_rounds (source_id);

CREATE TABLE cards (
    id uuid NOT NULL,
    problem_id uuid NOT NULL,
    source text NOT NULL,
    organisation_id uuid NOT NULL,
    first_colour text NOT NULL,
    colour text NOT NULL,
    state text NOT NULL,
    secretary_id uuid,
    secretary_name text NOT NULL,
    given_on date NOT NULL,
    deadline date NOT NULL,
    ended_on date,
    version bigint DEFAULT 1 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT cards_problem_id_fkey FOREIGN KEY(problem_id, source) REFERENCES problems (id, source),
    CONSTRAINT cards_organisation_id_fkey FOREIGN KEY(problem_id, organisation_id) REFERENCES problems (id,
        organisation_id),
    CONSTRAINT cards_first_colour CHECK (first_colour = 'yellow' OR (first_colour = 'red'
        AND source = 'superior_inspection')),
    CONSTRAINT cards_colour CHECK (colour IN ('yellow', 'orange', 'red')),
    CONSTRAINT cards_state CHECK (state IN ('standing', 'cleared', 'lifted')),
    CONSTRAINT cards_ended CHECK ((state = 'standing') = (ended_on IS NULL)),
    CONSTRAINT cards_problem_id_key UNIQUE (problem_id)
);
CREATE INDEX cards_organisation_id_given_on_idx ON cards (organisation_id, given_on);
CREATE INDEX cards_state_deadline_idx ON cards (state, deadline);

CREATE TABLE card_steps (
    card_id uuid NOT NULL,
    version bigint NOT NULL,
    move text NOT NULL,
    colour text NOT NULL,
    state text NOT NULL,
    ground text,
    text text NOT NULL,
    on_day date NOT NULL,
    deadline date NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (card_id, version),
    CONSTRAINT card_steps_move CHECK (move IN ('give', 'escalate', 'step_down', 'undo', 'lift', 'clear')),
    CONSTRAINT card_steps_colour CHECK (colour IN ('yellow', 'orange', 'red')),
    CONSTRAINT card_steps_state CHECK (state IN ('standing', 'cleared', 'lifted')),
    CONSTRAINT card_steps_grounded CHECK ((move IN ('give', 'escalate')) = (ground IS NOT NULL)),
    CONSTRAINT card_steps_ground CHECK (ground IN ('general_problem', 'early_sign', 'lagging', 'perfunctory',
        'rebound', 'weak_progress', 'false_mending', 'refused', 'severely_late', 'superior_finding')),
    CONSTRAINT card_steps_card_id_fkey FOREIGN KEY(card_id) REFERENCES cards (id)
);

CREATE TABLE card_consequences (
    id uuid NOT NULL,
    card_id uuid NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    due_on date,
    done_on date,
    proof text,
    by_id uuid,
    by_name text,
    PRIMARY KEY (id),
    CONSTRAINT card_consequences_card_id_fkey FOREIGN KEY(card_id, version) REFERENCES card_steps (card_id,
        version),
    CONSTRAINT card_consequences_card_id_version_kind_key UNIQUE (card_id, version, kind),
    CONSTRAINT card_consequences_kind CHECK (kind IN ('review_cap', 'superior_talk', 'mending_report',
        'inquiry_letter', 'inquiry_talk', 'named_person', 'placed_under_rectification', 'removal')),
    CONSTRAINT card_consequences_state CHECK (state IN ('in_force', 'due', 'done', 'void')),
    CONSTRAINT card_consequences_due_on CHECK ((kind = 'review_cap') = (due_on IS NULL)),
    CONSTRAINT card_consequences_cap CHECK (kind <> 'review_cap' OR state IN ('in_force', 'void')),
    CONSTRAINT card_consequences_in_force CHECK (kind = 'review_cap' OR state <> 'in_force'),
    CONSTRAINT card_consequences_done CHECK ((state = 'done') = (done_on IS NOT NULL)
        AND (done_on IS NULL) = (proof IS NULL) AND (done_on IS NULL) = (by_id IS NULL)
        AND (done_on IS NULL) = (by_name IS NULL))
);

CREATE TABLE card_objections (
    card_id uuid NOT NULL,
    version bigint NOT NULL,
    text text NOT NULL,
    raised_at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    step_by_id uuid NOT NULL,
    decide_by date NOT NULL,
    decision text,
    reason text,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    PRIMARY KEY (card_id, version),
    CONSTRAINT card_objections_card_id_fkey FOREIGN KEY(card_id, version) REFERENCES card_steps (card_id, version),
    CONSTRAINT card_objections_decision CHECK (decision IN ('upheld', 'rejected')),
    CONSTRAINT card_objections_decided CHECK ((decision IS NULL) = (reason IS NULL)
        AND (decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by_id IS NULL)
        AND (decision IS NULL) = (decided_by IS NULL)),
    CONSTRAINT card_objections_another_person CHECK (decided_by_id <> by_id AND decided_by_id <> step_by_id)
);

CREATE TABLE mending_rules (
    effective_from date NOT NULL,
    yellow_days integer NOT NULL,
    orange_days integer NOT NULL,
    red_days integer NOT NULL,
    talk_days integer NOT NULL,
    report_days integer NOT NULL,
    letter_days integer NOT NULL,
    person_days integer NOT NULL,
    objection_days integer NOT NULL,
    decision_days integer NOT NULL,
    supervision_from integer NOT NULL,
    supervision_until integer NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    PRIMARY KEY (effective_from),
    CONSTRAINT mending_rules_days CHECK (least(yellow_days, orange_days, red_days, talk_days, report_days,
        letter_days, person_days, objection_days, decision_days) >= 1 AND greatest(yellow_days, orange_days,
        red_days, talk_days, report_days, letter_days, person_days, objection_days, decision_days) <= 365),
    CONSTRAINT mending_rules_months CHECK (1 <= supervision_from AND supervision_from <= supervision_until
        AND supervision_until <= 12)
);

CREATE TABLE evidence_files (
    id uuid NOT NULL,
    rectification_id uuid,
    inspection_id uuid,
    consequence_id uuid,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT evidence_files_subject CHECK (num_nonnulls(rectification_id, inspection_id, consequence_id) = 1),
    CONSTRAINT evidence_files_rectification_id_sha256_key UNIQUE (rectification_id, sha256),
    CONSTRAINT evidence_files_inspection_id_sha256_key UNIQUE (inspection_id, sha256),
    CONSTRAINT evidence_files_consequence_id_sha256_key UNIQUE (consequence_id, sha256),
    CONSTRAINT evidence_files_rectification_id_fkey FOREIGN KEY(rectification_id) REFERENCES rectifications (id),
    CONSTRAINT evidence_files_inspection_id_fkey FOREIGN KEY(inspection_id) REFERENCES inspections (id),
    CONSTRAINT evidence_files_consequence_id_fkey FOREIGN KEY(consequence_id) REFERENCES card_consequences (id)
);
"""

# The machines, for the database to hold: see domain/problems.py, rectifications.py, samples.py and cards.py.
MACHINES = """
CREATE FUNCTION keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state = ANY (TG_ARGV)) THEN
        RAISE EXCEPTION '% of % cannot become %', TG_TABLE_NAME, OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_to_moves BEFORE UPDATE OF state ON problems FOR EACH ROW EXECUTE FUNCTION
    keep_to_moves('open>mending', 'mending>mended', 'mended>mending', 'open>withdrawn', 'mending>withdrawn');
CREATE TRIGGER keep_to_moves BEFORE UPDATE OF state ON rectifications FOR EACH ROW EXECUTE FUNCTION
    keep_to_moves('open>reported', 'returned>reported', 'reported>accepted', 'reported>returned', 'reported>open',
                  'returned>open', 'accepted>open', 'open>withdrawn', 'reported>withdrawn', 'returned>withdrawn');
CREATE TRIGGER keep_to_moves BEFORE UPDATE OF state ON samples FOR EACH ROW EXECUTE FUNCTION
    keep_to_moves('announced>drawn', 'drawn>closed');
CREATE TRIGGER keep_to_moves BEFORE UPDATE OF state ON cards FOR EACH ROW EXECUTE FUNCTION
    keep_to_moves('standing>cleared', 'standing>lifted');
CREATE TRIGGER keep_to_moves BEFORE UPDATE OF state ON card_consequences FOR EACH ROW EXECUTE FUNCTION
    keep_to_moves('due>done', 'due>void', 'in_force>void');

-- One colour at a time, and only while the card stands. It is cleared when its problem is mended and all that follows
-- from it is done; whoever clears it holds the rectification's row, so that nobody opens that again meanwhile.
CREATE FUNCTION keep_card() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.colour <> OLD.colour AND (OLD.state <> 'standing' OR NOT (OLD.colour || '>' || NEW.colour
        = ANY (ARRAY['yellow>orange', 'orange>red', 'red>orange', 'orange>yellow'])))
    THEN
        RAISE EXCEPTION 'a % card of % cannot become %', OLD.state, OLD.colour, NEW.colour;
    END IF;
    IF NEW.state = 'cleared' AND OLD.state <> 'cleared' AND (
        NOT EXISTS (SELECT FROM rectifications r WHERE r.problem_id = NEW.problem_id AND r.state = 'accepted')
        OR EXISTS (SELECT FROM card_consequences c WHERE c.card_id = NEW.id AND c.state = 'due')
        OR EXISTS (SELECT FROM card_objections o WHERE o.card_id = NEW.id AND o.decision IS NULL))
    THEN
        RAISE EXCEPTION 'a card is cleared when its problem is mended and its consequences are done';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_card BEFORE UPDATE ON cards FOR EACH ROW EXECUTE FUNCTION keep_card();

CREATE FUNCTION keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decision IS NOT NULL THEN
        RAISE EXCEPTION 'an objection is decided once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_decision BEFORE UPDATE OR DELETE ON card_objections
    FOR EACH ROW EXECUTE FUNCTION keep_decision();

-- What caps the review of a year: the highest colour that was reached in it and that no objection undid.
CREATE VIEW card_years AS
SELECT c.organisation_id, extract(year FROM s.on_day)::integer AS year,
       (ARRAY['yellow', 'orange', 'red'])[max(array_position(ARRAY['yellow', 'orange', 'red'], s.colour))] AS highest
FROM card_steps s JOIN cards c ON c.id = s.card_id
WHERE s.move IN ('give', 'escalate') AND c.state <> 'lifted'
  AND NOT EXISTS (SELECT FROM card_objections o
                  WHERE o.card_id = s.card_id AND o.version = s.version AND o.decision = 'upheld')
GROUP BY c.organisation_id, extract(year FROM s.on_day);
"""

NUMBERS = """
INSERT INTO mending_rules (effective_from, yellow_days, orange_days, red_days, talk_days, report_days, letter_days,
                           person_days, objection_days, decision_days, supervision_from, supervision_until, citation)
VALUES ('2020-01-01', 30, 15, 30, 10, 30, 5, 10, 5, 10, 7, 8,
        '《关于进一步压实党组织书记大抓基层党建工作责任制的实施办法》第十一条、第十二条；各项天数为本平台默认值');

INSERT INTO problem_kinds (code, name, position, active_from, citation)
SELECT code, name, row_number() OVER (), '2020-01-01', '《中国共产党支部工作条例（试行）》；分类为本平台默认内容'
FROM (VALUES
    ('setting', '组织设置不规范'),
    ('committee', '换届不按期、班子不健全'),
    ('regular_meetings', '“三会一课”不规范'),
    ('theme_day', '主题党日质量不高'),
    ('organisational_life', '组织生活会、民主评议不严格'),
    ('members', '党员教育管理不到位'),
    ('development', '发展党员程序不规范'),
    ('dues', '党费收缴不及时、不足额'),
    ('records', '台账记录不全或前后矛盾'),
    ('place', '阵地建设与使用不达标'),
    ('service', '联系服务群众不够'),
    ('duties', '书记履职、“一岗双责”落实不力'),
    ('tasks', '重点任务推进滞后'),
    ('publicity', '党务公开不及时'),
    ('false_work', '弄虚作假、形式主义'),
    ('other', '其他问题')
) AS kinds (code, name);
"""


def upgrade() -> None:
    run_sql(TABLES)
    run_sql(MACHINES)
    forbid_changes(
        "sample_entries",
        "inspections",
        "problem_steps",
        "rectification_steps",
        "rectification_rounds",
        "card_steps",
    )
    run_sql(NUMBERS)
