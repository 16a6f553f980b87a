"""What is counted, drawn or published does not change; a draw has a key that nobody chooses."""

from chassis.migrations import run_sql

revision = "20261127_0680"
down_revision = "20261127_0670"

GUARDS = r"""
ALTER TABLE samples ADD COLUMN draw_key uuid;

-- The numbers of a vote change while it is open, and only then.
CREATE FUNCTION keep_review_votes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.review_id, OLD.vote) IS DISTINCT FROM (NEW.review_id, NEW.vote)
        OR NEW.number < OLD.number
        OR NOT EXISTS (SELECT FROM reviews r WHERE r.id = OLD.review_id AND r.state = 'voting')
    THEN
        RAISE EXCEPTION 'what was voted is not changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_review_votes BEFORE UPDATE OR DELETE ON review_votes
    FOR EACH ROW EXECUTE FUNCTION keep_review_votes();

-- The grade of a published review changes by a correction alone: a further version.
CREATE FUNCTION keep_published_grade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.version <> OLD.version + 1 OR NEW.state <> 'published'
        OR NEW.acknowledged_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'a published review is frozen; its grade changes by a correction alone' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_published_grade BEFORE UPDATE ON reviews FOR EACH ROW
    WHEN (OLD.state IN ('published', 'acknowledged')
          AND (OLD.grade, OLD.decided_by_id) IS DISTINCT FROM (NEW.grade, NEW.decided_by_id))
    EXECUTE FUNCTION keep_published_grade();
CREATE TRIGGER keep_review_row BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION keep_published_grade();

-- What a round's draw is made from is settled when its seed is published; a score changes with a step alone.
CREATE FUNCTION keep_announced_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.path, OLD.version_id, OLD.fields, OLD.kinds, OLD.is_cross, OLD.is_stratified, OLD.sample_percent)
            IS DISTINCT FROM
           (NEW.path, NEW.version_id, NEW.fields, NEW.kinds, NEW.is_cross, NEW.is_stratified, NEW.sample_percent)
        OR (OLD.seed_on, OLD.seed_number, OLD.draw_key, OLD.draw_at, OLD.announced_at)
            IS DISTINCT FROM (NEW.seed_on, NEW.seed_number, NEW.draw_key, NEW.draw_at, NEW.announced_at)
        OR (OLD.drawn_at IS NOT NULL AND OLD.drawn_at IS DISTINCT FROM NEW.drawn_at)
        OR (OLD.state <> NEW.state AND NOT (OLD.state || '>' || NEW.state = ANY (ARRAY[
            'announced>drawn', 'announced>withdrawn', 'drawn>closed'])))
    THEN
        RAISE EXCEPTION 'a round whose seed is published is settled' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_announced_round BEFORE UPDATE OR DELETE ON rounds FOR EACH ROW
    WHEN (OLD.state <> 'planned') EXECUTE FUNCTION keep_announced_round();

CREATE FUNCTION keep_round_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    round_state text;
BEGIN
    -- The round's row is held, so that nobody publishes its seed between the look and the change.
    SELECT state INTO round_state FROM rounds
     WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.round_id ELSE NEW.round_id END FOR SHARE;
    IF round_state <> 'planned' OR (TG_OP = 'UPDATE' AND OLD.round_id <> NEW.round_id) THEN
        RAISE EXCEPTION 'a round whose seed is published is settled' USING ERRCODE = '42501';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_round_parts BEFORE INSERT OR UPDATE OR DELETE ON round_teams
    FOR EACH ROW EXECUTE FUNCTION keep_round_parts();
CREATE TRIGGER keep_round_parts BEFORE INSERT OR UPDATE OR DELETE ON team_members
    FOR EACH ROW EXECUTE FUNCTION keep_round_parts();
CREATE TRIGGER keep_round_parts BEFORE INSERT OR UPDATE OR DELETE ON round_exclusions
    FOR EACH ROW EXECUTE FUNCTION keep_round_parts();

CREATE FUNCTION keep_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.round_id, OLD.organisation_id) IS DISTINCT FROM (NEW.round_id, NEW.organisation_id)
        OR (OLD.state <> 'listed' AND (OLD.team_id, OLD.digest, OLD.position)
            IS DISTINCT FROM (NEW.team_id, NEW.digest, NEW.position))
        OR (OLD.score IS DISTINCT FROM NEW.score AND NOT (OLD.state || '>' || NEW.state = ANY (ARRAY[
            'finished>closed', 'disputed>settled'])))
        OR (OLD.report IS NOT NULL AND OLD.report IS DISTINCT FROM NEW.report)
        OR (OLD.word IS NOT NULL AND OLD.word IS DISTINCT FROM NEW.word)
        OR (OLD.decision IS NOT NULL AND OLD.decision IS DISTINCT FROM NEW.decision)
        OR (OLD.state IN ('acknowledged', 'settled') AND OLD.state <> NEW.state)
    THEN
        RAISE EXCEPTION 'what a visit gave is not changed' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_visit BEFORE UPDATE OR DELETE ON round_visits FOR EACH ROW EXECUTE FUNCTION keep_visit();

-- A draw's key comes with the draw; what is drawn stays drawn, and a bulletin that is issued as it was issued.
CREATE FUNCTION keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.seed_on, OLD.seed_number, OLD.draw_on, OLD.size, OLD.field, OLD.organisation_id, OLD.announced_at)
            IS DISTINCT FROM
           (NEW.seed_on, NEW.seed_number, NEW.draw_on, NEW.size, NEW.field, NEW.organisation_id, NEW.announced_at)
        OR (OLD.draw_key IS DISTINCT FROM NEW.draw_key AND NOT (OLD.state = 'announced' AND NEW.state = 'drawn'))
        OR (OLD.bulletin IS NOT NULL AND OLD.bulletin IS DISTINCT FROM NEW.bulletin)
    THEN
        RAISE EXCEPTION 'a draw stays as it was announced and drawn' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_sample BEFORE UPDATE OR DELETE ON samples FOR EACH ROW EXECUTE FUNCTION keep_sample();
"""


def upgrade() -> None:
    run_sql(GUARDS)
