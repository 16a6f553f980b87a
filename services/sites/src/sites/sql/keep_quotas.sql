-- Raise quota-full when an order that is written already goes beyond a quota of its branch or member. The branch's row
-- is locked by the caller; a member's orders are counted one after another under a lock of their own, taken only where
-- there is a quota for members at all.
CREATE OR REPLACE FUNCTION keep_quotas(p_branch uuid, p_person uuid, p_visit_on date) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_quota record;
BEGIN
    IF NOT EXISTS (SELECT FROM quotas WHERE holder = CASE WHEN p_branch IS NULL THEN 'member' ELSE 'branch' END) THEN
        RETURN;
    END IF;
    IF p_branch IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('quota of ' || p_person, 0));
    END IF;
    FOR v_quota IN SELECT * FROM quotas_used(p_branch, p_person, p_visit_on) LOOP
        IF v_quota.used > v_quota.most THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'quota-full', DETAIL = json_build_object(
                'most', v_quota.most, 'counts', v_quota.counts, 'period', v_quota.period)::text;
        END IF;
    END LOOP;
END
$$;
