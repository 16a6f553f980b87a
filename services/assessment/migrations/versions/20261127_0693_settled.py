"""What is settled stays as it was settled: objections, corrections, consequences, parts, evidence, numbers."""

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0693"
down_revision = "20261127_0692"

SETTLED = r"""
CREATE TRIGGER keep_when_done BEFORE UPDATE ON recommendations FOR EACH ROW
    WHEN (OLD.withdrawn_at IS NOT NULL
          OR (OLD.review_id, OLD.organisation_id, OLD.year, OLD.number, OLD.reason, OLD.at, OLD.by_id, OLD.by_name)
             IS DISTINCT FROM
             (NEW.review_id, NEW.organisation_id, NEW.year, NEW.number, NEW.reason, NEW.at, NEW.by_id, NEW.by_name))
    EXECUTE FUNCTION keep_when_done();
-- What lost its ground is lifted, also when it was done.
CREATE TRIGGER keep_when_done BEFORE UPDATE ON review_consequences FOR EACH ROW
    WHEN (OLD.state = 'done' AND NEW.state <> 'lifted') EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON card_consequences FOR EACH ROW
    WHEN (OLD.state IN ('done', 'void')) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON half_year_meetings FOR EACH ROW
    WHEN (OLD.held_on IS NOT NULL) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON reinspections FOR EACH ROW
    WHEN (OLD.state = 'done') EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON problem_trainings FOR EACH ROW
    WHEN (OLD.done_on IS NOT NULL) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON problems FOR EACH ROW
    WHEN ((OLD.organisation_id, OLD.kind, OLD.text, OLD.found_on, OLD.source, OLD.source_id, OLD.registered_at)
          IS DISTINCT FROM
          (NEW.organisation_id, NEW.kind, NEW.text, NEW.found_on, NEW.source, NEW.source_id, NEW.registered_at))
    EXECUTE FUNCTION keep_when_done();
-- What a rating was corrected by is part of how it was calculated.
CREATE TRIGGER keep_when_done BEFORE UPDATE ON star_objections FOR EACH ROW
    WHEN (OLD.answer IS NOT NULL OR (OLD.rating_id, OLD.organisation_id, OLD.text, OLD.by_id, OLD.at)
          IS DISTINCT FROM (NEW.rating_id, NEW.organisation_id, NEW.text, NEW.by_id, NEW.at))
    EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON star_corrections FOR EACH ROW
    WHEN (OLD.revision IS NOT NULL
          OR (OLD.rating_id, OLD.organisation_id, OLD.measure, OLD.value, OLD.reason, OLD.asked_by_id)
             IS DISTINCT FROM
             (NEW.rating_id, NEW.organisation_id, NEW.measure, NEW.value, NEW.reason, NEW.asked_by_id))
    EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON weak_organisations FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON weak_items FOR EACH ROW
    WHEN (OLD.state = 'accepted' OR (OLD.entry_id, OLD.position, OLD.text, OLD.due_on)
          IS DISTINCT FROM (NEW.entry_id, NEW.position, NEW.text, NEW.due_on))
    EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE OR DELETE ON joint_parts FOR EACH ROW
    WHEN (OLD.state IN ('confirmed', 'declined')) EXECUTE FUNCTION keep_when_done();
-- A number that was given is not given again.
CREATE TRIGGER keep_when_done BEFORE UPDATE ON document_numbers FOR EACH ROW
    WHEN (NEW.last < OLD.last OR (OLD.issuer_id, OLD.series, OLD.year) IS DISTINCT FROM
          (NEW.issuer_id, NEW.series, NEW.year)) EXECUTE FUNCTION keep_when_done();
CREATE TRIGGER keep_when_done BEFORE UPDATE ON evidence_files FOR EACH ROW EXECUTE FUNCTION keep_when_done();

-- Evidence is taken away while what it shows is open, and not after it was reported.
CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.inspection_id IS NOT NULL
        OR EXISTS (SELECT FROM rectifications r WHERE r.id = OLD.rectification_id
                                                  AND r.state NOT IN ('open', 'returned'))
        OR EXISTS (SELECT FROM card_consequences c WHERE c.id = OLD.consequence_id AND c.state <> 'due')
    THEN
        RAISE EXCEPTION 'what was reported with a file stands' USING ERRCODE = '42501';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER keep_evidence BEFORE DELETE ON evidence_files FOR EACH ROW EXECUTE FUNCTION keep_evidence();

-- What a team found is taken back before the visit is finished, and never written anew.
CREATE FUNCTION keep_visit_problem() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM round_visits v WHERE v.id = NEW.visit_id AND v.state = 'assigned')
        OR (TG_OP = 'UPDATE' AND (OLD.dropped_at IS NOT NULL
            OR (OLD.visit_id, OLD.item_id, OLD.kind, OLD.text, OLD.found_at, OLD.by_id)
               IS DISTINCT FROM (NEW.visit_id, NEW.item_id, NEW.kind, NEW.text, NEW.found_at, NEW.by_id)))
    THEN
        RAISE EXCEPTION 'what a visit found is not changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_visit_problem BEFORE INSERT OR UPDATE ON visit_problems
    FOR EACH ROW EXECUTE FUNCTION keep_visit_problem();
"""
NEVER_REMOVED = (
    *("recommendations", "review_consequences", "card_consequences", "half_year_meetings", "reinspections"),
    *("problem_trainings", "problems", "star_objections", "star_corrections", "weak_organisations", "weak_items"),
    *("document_numbers", "visit_problems", "cards", "rectifications", "exemptions"),
)
"""Tables of which no row is removed."""


def upgrade() -> None:
    run_sql(SETTLED)
    for table in NEVER_REMOVED:
        run_sql(f"CREATE TRIGGER keep_always BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_when_done();")
    forbid_changes("check_numbers", "mending_rules", "record_rules", "supervision_rules", "frozen_months")
