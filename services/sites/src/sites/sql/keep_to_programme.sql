-- What an order takes from its programme, by whichever way it is written and without another round trip: the version of
-- the training case when it is placed (or moved to another programme), and a branch's party between the programme's
-- smallest and largest. What a keeper changes later touches no order.
CREATE OR REPLACE FUNCTION keep_to_programme() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_programme programmes;
BEGIN
    IF TG_OP = 'UPDATE'
       AND NEW.programme_id IS NOT DISTINCT FROM OLD.programme_id AND NEW.party_size IS NOT DISTINCT FROM OLD.party_size
    THEN
        RETURN NEW;
    END IF;
    SELECT * INTO v_programme FROM programmes WHERE id = NEW.programme_id;
    IF TG_OP = 'INSERT' OR NEW.programme_id <> OLD.programme_id THEN
        NEW.case_version_id := v_programme.case_version_id;
    END IF;
    IF NEW.branch_id IS NOT NULL AND (
        NEW.party_size < v_programme.party_min OR NEW.party_size > coalesce(v_programme.party_max, NEW.party_size)
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'party-outside-programme', DETAIL = json_build_object(
            'party_min', v_programme.party_min, 'party_max', coalesce(v_programme.party_max, v_programme.seats)
        )::text;
    END IF;
    RETURN NEW;
END
$$;
