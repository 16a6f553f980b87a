"""Stars and levels (A10): formulas, ratings with their frozen facts and every step; the list of weak organisations."""

import json
from typing import Any, Final
from uuid import uuid5

from alembic import op
from chassis.migrations import forbid_changes, run_sql
from contracts.envelope import NAMESPACE_ZHENDI
from sqlalchemy import text

revision = "20261127_0660"
down_revision = "20261127_0655"

TABLES = r"""
CREATE TABLE star_formulas (
    id uuid NOT NULL,
    organisation_id uuid,
    number integer,
    state text NOT NULL,
    from_day DATE NOT NULL,
    citation text NOT NULL,
    formula jsonb NOT NULL,
    drafted_by_id uuid,
    drafted_by text NOT NULL,
    drafted_at timestamptz NOT NULL,
    decided_by_id uuid,
    decided_by text,
    decided_at timestamptz,
    reason text,
    CONSTRAINT star_formulas_pkey PRIMARY KEY (id),
    CONSTRAINT star_formulas_state CHECK (state IN ('draft', 'adopted', 'withdrawn')),
    CONSTRAINT star_formulas_formula CHECK (jsonb_typeof(formula) = 'object'),
    CONSTRAINT star_formulas_number CHECK ((state = 'adopted') = (number IS NOT NULL)),
    CONSTRAINT star_formulas_decided CHECK ((state = 'draft') = (decided_at IS NULL)),
    CONSTRAINT star_formulas_two_people
        CHECK (state <> 'adopted' OR drafted_by_id IS NULL OR drafted_by_id <> decided_by_id)
);
CREATE UNIQUE INDEX star_formulas_number ON star_formulas (organisation_id, number) NULLS NOT DISTINCT
    WHERE state = 'adopted';
CREATE UNIQUE INDEX star_formulas_one_a_day ON star_formulas (organisation_id, from_day) NULLS NOT DISTINCT
    WHERE state = 'adopted';

CREATE TABLE star_ratings (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    path text COLLATE "C" NOT NULL,
    period text NOT NULL,
    formula_id uuid NOT NULL,
    state text NOT NULL,
    revision integer DEFAULT '0' NOT NULL,
    wanted_revision integer DEFAULT '1' NOT NULL,
    job_id uuid,
    digest text,
    drawn_up_by_id uuid NOT NULL,
    drawn_up_by text NOT NULL,
    drawn_up_at timestamptz NOT NULL,
    frozen_at timestamptz,
    shown_at timestamptz,
    objections_until DATE,
    published_by_id uuid,
    published_by text,
    published_at timestamptz,
    withdrawn_by_id uuid,
    withdrawn_by text,
    withdrawn_at timestamptz,
    reason text,
    CONSTRAINT star_ratings_pkey PRIMARY KEY (id),
    CONSTRAINT star_ratings_state CHECK (state IN ('drawing', 'draft', 'shown', 'published', 'withdrawn')),
    CONSTRAINT star_ratings_period CHECK (period ~ '^\d{4}(-H[12])?$'),
    CONSTRAINT star_ratings_revision CHECK (revision BETWEEN 0 AND wanted_revision),
    CONSTRAINT star_ratings_drawn CHECK ((revision = 0) = (frozen_at IS NULL) AND (revision = 0) = (digest IS NULL)),
    CONSTRAINT star_ratings_drawing CHECK (state IN ('drawing', 'withdrawn') OR revision > 0),
    CONSTRAINT star_ratings_shown CHECK (state NOT IN ('shown', 'published') OR objections_until IS NOT NULL),
    CONSTRAINT star_ratings_published CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CONSTRAINT star_ratings_two_people CHECK (published_by_id IS NULL OR published_by_id <> drawn_up_by_id),
    CONSTRAINT star_ratings_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT star_ratings_formula_id_fkey FOREIGN KEY (formula_id) REFERENCES star_formulas (id)
);
CREATE UNIQUE INDEX star_ratings_one_a_period ON star_ratings (organisation_id, period) WHERE state <> 'withdrawn';
CREATE INDEX star_ratings_period_idx ON star_ratings (period, id);

CREATE TABLE rated_organisations (
    rating_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    name text NOT NULL,
    path text COLLATE "C" NOT NULL,
    field text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT rated_organisations_pkey PRIMARY KEY (rating_id, organisation_id),
    CONSTRAINT rated_organisations_rating_id_fkey FOREIGN KEY (rating_id) REFERENCES star_ratings (id)
);
CREATE INDEX rated_organisations_organisation_id_idx ON rated_organisations (organisation_id);

CREATE TABLE star_inputs (
    rating_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    measure text NOT NULL,
    value integer,
    CONSTRAINT star_inputs_pkey PRIMARY KEY (rating_id, organisation_id, measure),
    CONSTRAINT star_inputs_rating_id_fkey
        FOREIGN KEY (rating_id, organisation_id) REFERENCES rated_organisations (rating_id, organisation_id),
    CONSTRAINT star_inputs_measure
        CHECK (measure IN ('round_score', 'green_share', 'tasks_done', 'records_held', 'red_months',
            'problems_found', 'problems_open', 'card_highest', 'card_open', 'has_secretary'))
);

CREATE TABLE star_results (
    rating_id uuid NOT NULL,
    revision integer NOT NULL,
    organisation_id uuid NOT NULL,
    points integer,
    rank integer,
    stars smallint,
    level text,
    weak_when smallint[] NOT NULL,
    moved_by text[] NOT NULL,
    CONSTRAINT star_results_pkey PRIMARY KEY (rating_id, revision, organisation_id),
    CONSTRAINT star_results_rating_id_fkey
        FOREIGN KEY (rating_id, organisation_id) REFERENCES rated_organisations (rating_id, organisation_id),
    CONSTRAINT star_results_stars CHECK (stars BETWEEN 0 AND 5),
    CONSTRAINT star_results_level CHECK (level IN ('advanced', 'middle', 'lagging')),
    CONSTRAINT star_results_rated
        CHECK ((points IS NULL) = (stars IS NULL) AND (points IS NULL) = (level IS NULL)
            AND (points IS NULL) = (rank IS NULL))
);

CREATE TABLE star_steps (
    rating_id uuid NOT NULL,
    revision integer NOT NULL,
    organisation_id uuid NOT NULL,
    position smallint NOT NULL,
    code text NOT NULL,
    measure text,
    value integer,
    points integer,
    weight smallint,
    details jsonb NOT NULL,
    CONSTRAINT star_steps_pkey PRIMARY KEY (rating_id, revision, organisation_id, position),
    CONSTRAINT star_steps_rating_id_fkey
        FOREIGN KEY (rating_id, revision, organisation_id) REFERENCES star_results (rating_id, revision,
            organisation_id),
    CONSTRAINT star_steps_code
        CHECK (code IN ('part', 'missing', 'not_rated', 'sum', 'threshold', 'veto', 'rank', 'share', 'result')),
    CONSTRAINT star_steps_measure
        CHECK (measure IN ('round_score', 'green_share', 'tasks_done', 'records_held', 'red_months',
            'problems_found', 'problems_open', 'card_highest', 'card_open', 'has_secretary'))
);

CREATE TABLE star_objections (
    id uuid NOT NULL,
    rating_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    text text NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    at timestamptz NOT NULL,
    answer text,
    answer_text text,
    answered_by_id uuid,
    answered_by text,
    answered_at timestamptz,
    CONSTRAINT star_objections_pkey PRIMARY KEY (id),
    CONSTRAINT star_objections_rating_id_fkey
        FOREIGN KEY (rating_id, organisation_id) REFERENCES rated_organisations (rating_id, organisation_id),
    CONSTRAINT star_objections_answer CHECK (answer IN ('upheld', 'rejected')),
    CONSTRAINT star_objections_answered
        CHECK ((answer IS NULL) = (answer_text IS NULL) AND (answer IS NULL) = (answered_at IS NULL)
            AND (answer IS NULL) = (answered_by IS NULL))
);
CREATE UNIQUE INDEX star_objections_one_open ON star_objections (rating_id, organisation_id) WHERE answer IS NULL;
CREATE INDEX star_objections_rating_id_idx ON star_objections (rating_id, at);

CREATE TABLE star_corrections (
    id uuid NOT NULL,
    rating_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    measure text NOT NULL,
    value_before integer,
    value integer,
    reason text NOT NULL,
    asked_by_id uuid NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    needs_second boolean NOT NULL,
    confirmed_by_id uuid,
    confirmed_by text,
    confirmed_at timestamptz,
    revision integer,
    CONSTRAINT star_corrections_pkey PRIMARY KEY (id),
    CONSTRAINT star_corrections_rating_id_fkey
        FOREIGN KEY (rating_id, organisation_id, measure) REFERENCES star_inputs (rating_id, organisation_id, measure),
    CONSTRAINT star_corrections_rating_id_revision_key UNIQUE (rating_id, revision),
    CONSTRAINT star_corrections_value CHECK (value IS NULL OR value >= 0),
    CONSTRAINT star_corrections_confirmed CHECK ((revision IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT star_corrections_two_people
        CHECK (NOT needs_second OR confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id)
);
CREATE INDEX star_corrections_rating_id_idx ON star_corrections (rating_id, asked_at);

CREATE TABLE weak_organisations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organisation_id uuid NOT NULL,
    rating_id uuid,
    reasons jsonb NOT NULL,
    text text,
    state text NOT NULL,
    proposed_by_id uuid NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    plan text,
    in_charge text,
    contact text,
    due_on DATE,
    listed_at timestamptz,
    ended_by_id uuid,
    ended_by text,
    ended_at timestamptz,
    ended_reason text,
    CONSTRAINT weak_organisations_pkey PRIMARY KEY (id),
    CONSTRAINT weak_organisations_state CHECK (state IN ('proposed', 'listed', 'released', 'dismissed')),
    CONSTRAINT weak_organisations_why CHECK (rating_id IS NOT NULL OR text IS NOT NULL),
    CONSTRAINT weak_organisations_listed
        CHECK (state NOT IN ('listed', 'released') OR (plan IS NOT NULL AND in_charge IS NOT NULL
            AND contact IS NOT NULL AND due_on IS NOT NULL AND listed_at IS NOT NULL)),
    CONSTRAINT weak_organisations_ended
        CHECK ((state IN ('released', 'dismissed')) = (ended_at IS NOT NULL)
            AND (ended_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT weak_organisations_rating_id_fkey FOREIGN KEY (rating_id) REFERENCES star_ratings (id)
);
CREATE UNIQUE INDEX weak_organisations_one_open ON weak_organisations (organisation_id)
    WHERE state IN ('proposed', 'listed');
CREATE INDEX weak_organisations_state_idx ON weak_organisations (state, organisation_id);

CREATE TABLE weak_items (
    id uuid NOT NULL,
    entry_id uuid NOT NULL,
    position smallint NOT NULL,
    text text NOT NULL,
    due_on DATE NOT NULL,
    state text DEFAULT 'open' NOT NULL,
    evidence text,
    record_id uuid,
    done_by_id uuid,
    done_by text,
    done_at timestamptz,
    accepted_by_id uuid,
    accepted_by text,
    accepted_at timestamptz,
    reason text,
    CONSTRAINT weak_items_pkey PRIMARY KEY (id),
    CONSTRAINT weak_items_entry_id_position_key UNIQUE (entry_id, position),
    CONSTRAINT weak_items_state CHECK (state IN ('open', 'done', 'accepted')),
    CONSTRAINT weak_items_done CHECK ((state = 'open') = (done_at IS NULL) AND (done_at IS NULL) = (evidence IS NULL)),
    CONSTRAINT weak_items_accepted CHECK ((state = 'accepted') = (accepted_at IS NOT NULL)),
    CONSTRAINT weak_items_two_people CHECK (accepted_by_id IS NULL OR accepted_by_id <> done_by_id),
    CONSTRAINT weak_items_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES weak_organisations (id),
    CONSTRAINT weak_items_record_id_fkey FOREIGN KEY (record_id) REFERENCES activities (id)
);

CREATE TABLE weak_steps (
    entry_id uuid NOT NULL,
    position integer NOT NULL,
    item_id uuid,
    step text NOT NULL,
    text text,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    CONSTRAINT weak_steps_pkey PRIMARY KEY (entry_id, position),
    CONSTRAINT weak_steps_step
        CHECK (step IN ('propose', 'list', 'dismiss', 'add_item', 'do', 'accept', 'return', 'release')),
    CONSTRAINT weak_steps_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES weak_organisations (id),
    CONSTRAINT weak_steps_item_id_fkey FOREIGN KEY (item_id) REFERENCES weak_items (id)
);

-- A version is decided once, and nothing else of it ever changes.
CREATE FUNCTION keep_star_formula() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'draft'
        OR (OLD.id, OLD.from_day, OLD.citation, OLD.formula, OLD.drafted_by, OLD.drafted_at)
            IS DISTINCT FROM (NEW.id, NEW.from_day, NEW.citation, NEW.formula, NEW.drafted_by, NEW.drafted_at)
        OR OLD.organisation_id IS DISTINCT FROM NEW.organisation_id
        OR OLD.drafted_by_id IS DISTINCT FROM NEW.drafted_by_id
    THEN
        RAISE EXCEPTION 'a version of the formula is never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_star_formula BEFORE UPDATE OR DELETE ON star_formulas
    FOR EACH ROW EXECUTE FUNCTION keep_star_formula();

-- What a rating is about never changes; of one that is published or put away nothing but its newer revisions.
CREATE FUNCTION keep_star_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.organisation_id, OLD.path, OLD.period, OLD.formula_id, OLD.drawn_up_by_id, OLD.drawn_up_at)
            IS DISTINCT FROM
            (NEW.id, NEW.organisation_id, NEW.path, NEW.period, NEW.formula_id, NEW.drawn_up_by_id, NEW.drawn_up_at)
        OR (OLD.frozen_at IS NOT NULL AND OLD.frozen_at IS DISTINCT FROM NEW.frozen_at)
        OR (OLD.state IN ('published', 'withdrawn')
            AND (OLD.state, OLD.objections_until, OLD.published_by_id, OLD.published_at, OLD.withdrawn_at)
                IS DISTINCT FROM
                (NEW.state, NEW.objections_until, NEW.published_by_id, NEW.published_at, NEW.withdrawn_at))
    THEN
        RAISE EXCEPTION 'a rating that is published or put away is never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_star_rating BEFORE UPDATE OR DELETE ON star_ratings
    FOR EACH ROW EXECUTE FUNCTION keep_star_rating();
"""

CITATION: Final = "平台默认（自拟）：分档和五星比例参照公开做法，其余各项由组织部门另行制定版本"
FORMULA: Final[dict[str, Any]] = {
    "parts": [
        {"measure": "round_score", "weight": 40, "number": None, "when_missing": "left_out"},
        {"measure": "green_share", "weight": 25, "number": None, "when_missing": "left_out"},
        {"measure": "tasks_done", "weight": 15, "number": None, "when_missing": "left_out"},
        {"measure": "records_held", "weight": 10, "number": 3, "when_missing": "zero"},
        {"measure": "problems_found", "weight": 10, "number": 10, "when_missing": "left_out"},
    ],
    "stars_min": [40, 60, 70, 80, 90],
    "advanced_min": 85,
    "middle_min": 60,
    "vetoes": [
        {"measure": "card_open", "comparison": "at_least", "number": 3, "stars_max": 1, "level_max": "lagging"},
        {"measure": "card_highest", "comparison": "at_least", "number": 3, "stars_max": 2, "level_max": "middle"},
        {"measure": "card_highest", "comparison": "at_least", "number": 2, "stars_max": 3, "level_max": "middle"},
        {"measure": "red_months", "comparison": "at_least", "number": 3, "stars_max": 3, "level_max": "middle"},
    ],
    "shares": [
        {"grade": "5", "percent": 30, "field": None, "kind": None},
        {"grade": "advanced", "percent": 30, "field": None, "kind": None},
    ],
    "ties": ["round_score", "green_share", "problems_found"],
    "weak_when": [
        {"measure": "has_secretary", "comparison": "below", "number": 1},
        {"measure": "card_highest", "comparison": "at_least", "number": 3},
        {"measure": "red_months", "comparison": "at_least", "number": 3},
        {"measure": "round_score", "comparison": "below", "number": 60},
    ],
    "lagging_is_weak": True,
}


def upgrade() -> None:
    run_sql(TABLES)
    op.get_bind().execute(
        text(
            "INSERT INTO star_formulas (id, number, state, from_day, citation, formula, drafted_by, drafted_at,"
            " decided_by, decided_at) VALUES (:id, 1, 'adopted', '2026-01-01', :citation, CAST(:formula AS jsonb),"
            " 'platform', '2026-01-01T00:00+08:00', 'platform', '2026-01-01T00:00+08:00')"
        ),
        {
            "id": uuid5(NAMESPACE_ZHENDI, "star formula:1"),
            "citation": CITATION,
            "formula": json.dumps(FORMULA, ensure_ascii=False),
        },
    )
    forbid_changes("rated_organisations", "star_inputs", "star_results", "star_steps", "weak_steps")
