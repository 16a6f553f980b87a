-- A guide leads no more visits a day than their limit and no larger party than theirs: counted under the row of the
-- guide's day, so that two assignments at once are counted one after the other.
CREATE OR REPLACE FUNCTION count_guide_visit() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_guide guides;
    v_seats integer;
    v_visits integer;
BEGIN
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        UPDATE guide_loads SET visits = visits - 1 WHERE guide_id = OLD.guide_id AND visit_on = OLD.visit_on;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT * INTO v_guide FROM guides WHERE id = NEW.guide_id FOR SHARE;
    SELECT seats INTO v_seats FROM slots WHERE id = NEW.slot_id;
    IF v_seats > v_guide.party_max THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'guide-party-too-large',
            DETAIL = json_build_object('seats', v_seats, 'party_max', v_guide.party_max)::text;
    END IF;
    INSERT INTO guide_loads AS load (guide_id, visit_on, visits) VALUES (NEW.guide_id, NEW.visit_on, 1)
    ON CONFLICT (guide_id, visit_on) DO UPDATE SET visits = load.visits + 1
    RETURNING visits INTO v_visits;
    IF v_visits > v_guide.visits_a_day_max THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'guide-day-full',
            DETAIL = json_build_object('visits_a_day_max', v_guide.visits_a_day_max)::text;
    END IF;
    RETURN NEW;
END
$$;
