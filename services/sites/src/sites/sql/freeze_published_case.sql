-- A published version is frozen: neither it nor its roles and steps change, whoever asks.
CREATE OR REPLACE FUNCTION freeze_published_case() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_version uuid;
BEGIN
    IF TG_TABLE_NAME = 'case_versions' THEN
        IF OLD.state = 'published' THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'case-published', DETAIL = '{}';
        END IF;
    ELSE
        v_version := CASE WHEN TG_OP = 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
        -- Locked, so that what is published while this waits is seen as published.
        PERFORM 1 FROM case_versions WHERE id = v_version AND state = 'draft' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'case-published', DETAIL = '{}';
        END IF;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
