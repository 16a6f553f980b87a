"""Annual reviews of secretaries, half-yearly meetings, re-inspections, the burden meter, the compliance switch."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0670"
down_revision = "20261127_0660"

COMPLIANCE = r"""
CREATE TABLE compliance_settings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    active_from date NOT NULL,
    is_on boolean NOT NULL,
    reason text NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text
);
CREATE INDEX compliance_settings_active_from_id_idx ON compliance_settings (active_from, id);
INSERT INTO compliance_settings (active_from, is_on, reason, citation) VALUES
    ('2026-01-01', true, '默认开启：不以打卡留痕计分，不搞排名通报，不重复填报', '国办函〔2026〕12号');
"""

TABLES = r"""
CREATE TABLE burden_rules (
    effective_from date NOT NULL,
    ceiling_minutes integer NOT NULL,
    minutes jsonb NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    CONSTRAINT burden_rules_pkey PRIMARY KEY (effective_from),
    CONSTRAINT burden_rules_ceiling_minutes CHECK (ceiling_minutes BETWEEN 1 AND 100000),
    CONSTRAINT burden_rules_minutes CHECK (jsonb_typeof(minutes) = 'object')
);

CREATE TABLE burden_months (
    month text NOT NULL,
    branch_id uuid NOT NULL,
    form text NOT NULL,
    forms integer NOT NULL,
    typed integer NOT NULL,
    filled integer NOT NULL,
    tenths integer NOT NULL,
    CONSTRAINT burden_months_pkey PRIMARY KEY (month, branch_id, form),
    CONSTRAINT burden_months_month CHECK (month ~ '^\d{4}-\d{2}$'),
    CONSTRAINT burden_months_numbers CHECK (forms > 0 AND typed >= 0 AND filled >= 0 AND tenths >= 0)
);
CREATE INDEX burden_months_branch_id_month_idx ON burden_months (branch_id, month);

CREATE TABLE burden_counted (
    month text NOT NULL,
    counted_on date NOT NULL,
    counted_at timestamptz NOT NULL,
    CONSTRAINT burden_counted_pkey PRIMARY KEY (month),
    CONSTRAINT burden_counted_month CHECK (month ~ '^\d{4}-\d{2}$')
);

CREATE TABLE review_rules (
    effective_from date NOT NULL,
    numbers jsonb NOT NULL,
    citation text NOT NULL,
    set_at timestamptz,
    set_by_id uuid,
    set_by_name text,
    CONSTRAINT review_rules_pkey PRIMARY KEY (effective_from),
    CONSTRAINT review_rules_numbers CHECK (jsonb_typeof(numbers) = 'object')
);

CREATE TABLE review_meetings (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    year smallint NOT NULL,
    held_on date NOT NULL,
    state text NOT NULL,
    quorum integer NOT NULL,
    called_at timestamptz NOT NULL,
    called_by_id uuid NOT NULL,
    called_by text NOT NULL,
    counted_at timestamptz,
    counted_by text,
    CONSTRAINT review_meetings_pkey PRIMARY KEY (id),
    CONSTRAINT review_meetings_state CHECK (state IN ('open', 'counted')),
    CONSTRAINT review_meetings_counted CHECK ((state = 'counted') = (counted_at IS NOT NULL)),
    CONSTRAINT review_meetings_quorum CHECK (quorum > 0)
);
CREATE INDEX review_meetings_organisation_id_year_idx ON review_meetings (organisation_id, year);

CREATE TABLE meeting_members (
    meeting_id uuid NOT NULL,
    person_id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT meeting_members_pkey PRIMARY KEY (meeting_id, person_id),
    CONSTRAINT meeting_members_meeting_id_fkey FOREIGN KEY(meeting_id) REFERENCES review_meetings (id)
);
CREATE INDEX meeting_members_person_id_idx ON meeting_members (person_id);

CREATE TABLE reviews (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    superior_id uuid NOT NULL,
    year smallint NOT NULL,
    post_kind text NOT NULL,
    member_id uuid NOT NULL,
    secretary_name text NOT NULL,
    from_day date NOT NULL,
    until_day date NOT NULL,
    state text DEFAULT 'opened' NOT NULL,
    report_by date NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by_id uuid NOT NULL,
    opened_by text NOT NULL,
    report text,
    report_file jsonb,
    facts jsonb,
    handed_in_at timestamptz,
    meeting_id uuid,
    superior_score smallint,
    score numeric(4, 1),
    parts jsonb,
    rule_from date,
    card text,
    cap text,
    proposed_grade text,
    grade text,
    reason text,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    sent_up_on date,
    sent_up_number text,
    published_on date,
    acknowledged_at timestamptz,
    word text,
    version bigint DEFAULT '1' NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT reviews_organisation_id_year_key UNIQUE (organisation_id, year),
    CONSTRAINT reviews_post_kind CHECK (post_kind IN ('village', 'community', 'branch', 'general_branch',
        'committee')),
    CONSTRAINT reviews_state CHECK (state IN ('opened', 'handed_in', 'voting', 'voted', 'proposed', 'decided',
        'sent_up', 'published', 'acknowledged', 'cancelled')),
    CONSTRAINT reviews_card CHECK (card IN ('yellow', 'orange', 'red')),
    CONSTRAINT reviews_cap CHECK (cap IN ('good', 'fairly_good', 'average', 'poor')),
    CONSTRAINT reviews_proposed_grade CHECK (proposed_grade IN ('good', 'fairly_good', 'average', 'poor')),
    CONSTRAINT reviews_grade CHECK (grade IN ('good', 'fairly_good', 'average', 'poor')),
    CONSTRAINT reviews_days CHECK (year BETWEEN 2000 AND 2199 AND from_day <= until_day),
    CONSTRAINT reviews_scores CHECK (superior_score BETWEEN 0 AND 100 AND score BETWEEN 0 AND 100),
    CONSTRAINT reviews_capped CHECK (array_position(ARRAY['good', 'fairly_good', 'average', 'poor'], grade) >=
        array_position(ARRAY['good', 'fairly_good', 'average', 'poor'], coalesce(cap, 'good'))),
    CONSTRAINT reviews_decided CHECK ((state IN ('decided', 'sent_up', 'published', 'acknowledged')) = (grade IS
        NOT NULL AND reason IS NOT NULL AND decided_at IS NOT NULL)),
    CONSTRAINT reviews_proposed CHECK (state NOT IN ('proposed', 'decided', 'sent_up', 'published',
        'acknowledged') OR (proposed_grade IS NOT NULL AND score IS NOT NULL AND meeting_id IS NOT NULL)),
    CONSTRAINT reviews_published CHECK ((state IN ('published', 'acknowledged')) = (published_on IS NOT NULL)),
    CONSTRAINT reviews_sent_up CHECK (state NOT IN ('sent_up', 'published', 'acknowledged') OR sent_up_on IS NOT
        NULL),
    CONSTRAINT reviews_acknowledged CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL)),
    CONSTRAINT reviews_report CHECK (state IN ('opened', 'cancelled') OR report IS NOT NULL AND facts IS NOT NULL),
    CONSTRAINT reviews_meeting_id_fkey FOREIGN KEY(meeting_id) REFERENCES review_meetings (id),
    CONSTRAINT reviews_rule_from_fkey FOREIGN KEY(rule_from) REFERENCES review_rules (effective_from)
);
CREATE INDEX reviews_member_id_year_idx ON reviews (member_id, year);
CREATE INDEX reviews_superior_id_year_idx ON reviews (superior_id, year);
CREATE INDEX reviews_year_idx ON reviews (year);

CREATE TABLE review_steps (
    review_id uuid NOT NULL,
    version bigint NOT NULL,
    move text NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    reason text,
    grade text,
    CONSTRAINT review_steps_pkey PRIMARY KEY (review_id, version),
    CONSTRAINT review_steps_move CHECK (move IN ('hand_in', 'send_back', 'cancel', 'call_vote', 'count',
        'propose', 'decide', 'send_up', 'publish', 'acknowledge', 'correct')),
    CONSTRAINT review_steps_state CHECK (state IN ('opened', 'handed_in', 'voting', 'voted', 'proposed',
        'decided', 'sent_up', 'published', 'acknowledged', 'cancelled')),
    CONSTRAINT review_steps_reason CHECK (move NOT IN ('send_back', 'cancel', 'decide', 'correct') OR reason IS
        NOT NULL),
    CONSTRAINT review_steps_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);

CREATE TABLE review_checks (
    id uuid NOT NULL,
    review_id uuid NOT NULL,
    checked_on date NOT NULL,
    place text NOT NULL,
    checkers text NOT NULL,
    superior_joined boolean NOT NULL,
    found text NOT NULL,
    score smallint NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT review_checks_pkey PRIMARY KEY (id),
    CONSTRAINT review_checks_score CHECK (score BETWEEN 0 AND 100),
    CONSTRAINT review_checks_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);
CREATE INDEX review_checks_review_id_at_idx ON review_checks (review_id, at);

CREATE TABLE review_comments (
    id uuid NOT NULL,
    review_id uuid NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT review_comments_pkey PRIMARY KEY (id),
    CONSTRAINT review_comments_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);
CREATE INDEX review_comments_review_id_at_idx ON review_comments (review_id, at);

CREATE TABLE review_ballots (
    review_id uuid NOT NULL,
    person_id uuid NOT NULL,
    meeting_id uuid NOT NULL,
    CONSTRAINT review_ballots_pkey PRIMARY KEY (review_id, person_id),
    CONSTRAINT review_ballots_meeting_id_fkey FOREIGN KEY(meeting_id, person_id) REFERENCES meeting_members
        (meeting_id, person_id),
    CONSTRAINT review_ballots_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);

CREATE TABLE review_votes (
    review_id uuid NOT NULL,
    vote text NOT NULL,
    number integer NOT NULL,
    CONSTRAINT review_votes_pkey PRIMARY KEY (review_id, vote),
    CONSTRAINT review_votes_vote CHECK (vote IN ('good', 'fairly_good', 'average', 'poor')),
    CONSTRAINT review_votes_number CHECK (number >= 0),
    CONSTRAINT review_votes_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);

CREATE TABLE review_consequences (
    id uuid NOT NULL,
    review_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    due_on date NOT NULL,
    lasts_until date,
    percent smallint,
    done_on date,
    proof text,
    decision text,
    by_id uuid,
    by_name text,
    CONSTRAINT review_consequences_pkey PRIMARY KEY (id),
    CONSTRAINT review_consequences_review_id_kind_key UNIQUE (review_id, kind),
    CONSTRAINT review_consequences_kind CHECK (kind IN ('no_excellent', 'talk', 'mending', 'replacement',
        'no_promotion', 'subsidy')),
    CONSTRAINT review_consequences_state CHECK (state IN ('due', 'done', 'lifted')),
    CONSTRAINT review_consequences_decision CHECK (decision IN ('replace', 'keep')),
    CONSTRAINT review_consequences_lasts_until CHECK ((kind = 'no_promotion') = (lasts_until IS NOT NULL)),
    CONSTRAINT review_consequences_percent CHECK ((kind = 'subsidy') = (percent IS NOT NULL)),
    CONSTRAINT review_consequences_done CHECK (state <> 'done' OR (done_on IS NOT NULL AND proof IS NOT NULL AND
        by_name IS NOT NULL)),
    CONSTRAINT review_consequences_decided_by_people CHECK (state <> 'done' OR (kind = 'replacement') =
        (decision IS NOT NULL)),
    CONSTRAINT review_consequences_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);
CREATE INDEX review_consequences_due_on_idx ON review_consequences (due_on) WHERE state = 'due';

CREATE TABLE recommendations (
    id uuid NOT NULL,
    review_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    year smallint NOT NULL,
    number smallint NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_reason text,
    CONSTRAINT recommendations_pkey PRIMARY KEY (id),
    CONSTRAINT recommendations_three CHECK (number BETWEEN 1 AND 3),
    CONSTRAINT recommendations_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL)),
    CONSTRAINT recommendations_review_id_fkey FOREIGN KEY(review_id) REFERENCES reviews (id)
);
CREATE UNIQUE INDEX recommendations_numbers ON recommendations (organisation_id, year, number) WHERE withdrawn_at IS
    NULL;
CREATE UNIQUE INDEX recommendations_once ON recommendations (review_id) WHERE withdrawn_at IS NULL;

CREATE TABLE half_year_meetings (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    year smallint NOT NULL,
    half smallint NOT NULL,
    planned_on date NOT NULL,
    agenda text NOT NULL,
    held_on date,
    minutes text,
    made_at timestamptz NOT NULL,
    made_by_id uuid NOT NULL,
    made_by text NOT NULL,
    CONSTRAINT half_year_meetings_pkey PRIMARY KEY (id),
    CONSTRAINT half_year_meetings_organisation_id_year_half_key UNIQUE (organisation_id, year, half),
    CONSTRAINT half_year_meetings_half CHECK (half IN (1, 2)),
    CONSTRAINT half_year_meetings_held CHECK ((held_on IS NULL) = (minutes IS NULL))
);

CREATE TABLE reinspections (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    state text NOT NULL,
    due_on date NOT NULL,
    since date NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by_id uuid NOT NULL,
    opened_by text NOT NULL,
    done_on date,
    found text,
    again jsonb,
    done_by_id uuid,
    done_by text,
    CONSTRAINT reinspections_pkey PRIMARY KEY (id),
    CONSTRAINT reinspections_state CHECK (state IN ('due', 'done')),
    CONSTRAINT reinspections_done CHECK ((state = 'done') = (done_on IS NOT NULL AND found IS NOT NULL AND again
        IS NOT NULL AND done_by IS NOT NULL))
);
CREATE UNIQUE INDEX reinspections_open ON reinspections (organisation_id) WHERE state = 'due';
CREATE INDEX reinspections_organisation_id_done_on_idx ON reinspections (organisation_id, done_on);
"""

# Weights, points and thresholds, days and the quorum are the platform's own; the rest is fixed by the sources.
NUMBERS = r"""
INSERT INTO review_rules (effective_from, numbers, citation) VALUES
    ('2020-01-01', '{"weight_votes": 40, "weight_superior": 30, "weight_field": 20, "weight_rounds": 10,
                     "weight_visits": 0, "points_good": 100, "points_fairly_good": 85, "points_average": 65,
                     "points_poor": 30, "good_from": 90, "fairly_good_from": 80, "average_from": 60,
                     "good_votes_percent": 80, "poor_votes_percent": 34, "quorum_percent": 67, "report_days": 20,
                     "talk_days": 10, "mend_days": 90, "other_days": 30, "no_promotion_years": 3,
                     "subsidy_percent": 30, "upward_depth": 2, "upward_most": 3, "reinspect_years": 2}',
     '《关于进一步压实党组织书记大抓基层党建工作责任制的实施办法》（述职评议考核结果运用）；权重、分值、天数和到会比例为本平台默认值');

INSERT INTO burden_rules (effective_from, ceiling_minutes, minutes, citation) VALUES
    ('2020-01-01', 480, '{"*": [20, 5], "lecture": [30, 5], "assembly": [30, 5], "organisational_life_meeting": [40, 5],
                          "joint_part": [10, 5], "review_report": [600, 5]}',
     '本平台默认值：每份表打开、保存2分钟，每填一项30秒；每个支部每月上限8小时');
"""

# A secretary's review keeps to the moves of domain/reviews.py, and what is published changes by a correction alone.
MACHINE = r"""
CREATE FUNCTION keep_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state = ANY (ARRAY[
        'opened>handed_in', 'handed_in>opened', 'opened>cancelled', 'handed_in>cancelled', 'handed_in>voting',
        'voting>voted', 'voted>proposed', 'proposed>decided', 'decided>proposed', 'sent_up>proposed',
        'decided>sent_up', 'sent_up>published', 'published>acknowledged', 'acknowledged>published']))
    THEN
        RAISE EXCEPTION 'a review that is % cannot become %', OLD.state, NEW.state;
    END IF;
    IF OLD.state IN ('published', 'acknowledged') AND (
        (NEW.report, NEW.facts, NEW.score, NEW.parts, NEW.proposed_grade, NEW.published_on, NEW.member_id, NEW.year)
        IS DISTINCT FROM
        (OLD.report, OLD.facts, OLD.score, OLD.parts, OLD.proposed_grade, OLD.published_on, OLD.member_id, OLD.year))
    THEN
        RAISE EXCEPTION 'a published review is frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_review BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION keep_review();
"""


def upgrade() -> None:
    """Make the tables, their numbers, and what keeps a review to its moves."""
    for statements in (COMPLIANCE, TABLES, NUMBERS, MACHINE):
        run_sql(statements)
    forbid_changes("compliance_settings", "review_rules", "meeting_members", "review_steps", "review_checks")
    forbid_changes("review_comments", "review_ballots", "burden_rules")
