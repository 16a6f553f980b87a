-- A slot that needs a guide takes orders only while one is assigned, whoever makes, opens or moves it. The reason is
-- what people read (`sites.domain.guides.NO_GUIDE`).
CREATE OR REPLACE FUNCTION open_guided_slot() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    c_no_guide constant text := '没有空闲的讲解员';
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.needs_guide := NEW.needs_guide OR coalesce(
            (SELECT needs_guide FROM programmes WHERE id = NEW.programme_id), false
        );
    END IF;
    IF NEW.needs_guide AND NEW.closed_reason IS NULL
       AND NOT EXISTS (SELECT FROM guide_assignments WHERE slot_id = NEW.id)
    THEN
        NEW.closed_reason := c_no_guide;
    ELSIF NEW.closed_reason = c_no_guide
       AND (NOT NEW.needs_guide OR EXISTS (SELECT FROM guide_assignments WHERE slot_id = NEW.id))
    THEN
        NEW.closed_reason := NULL;
    END IF;
    RETURN NEW;
END
$$;

-- Looks at the slot again when its assignment comes or goes. The row is locked either way, so that whoever opens it
-- meanwhile sees what became of the assignment.
CREATE OR REPLACE FUNCTION look_at_guided_slot() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE slots SET closed_reason = closed_reason WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.slot_id ELSE NEW.slot_id END;
    RETURN NULL;
END
$$;

-- A slot that moves in time loses its guide; the next matching finds one for the new time.
CREATE OR REPLACE FUNCTION free_moved_guide() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM guide_assignments WHERE slot_id = NEW.id;
    RETURN NULL;
END
$$;
