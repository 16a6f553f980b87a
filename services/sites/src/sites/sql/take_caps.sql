-- Count what is set aside for an order on its policy's caps: site-month, site-year, branch-year. Called before the fund
-- is locked; counters in the sequence of their key. Raises caps-moved where a cap does not leave that much any more:
-- the caller reads anew what is left.
CREATE OR REPLACE FUNCTION take_caps(
    p_order uuid, p_policy uuid, p_site uuid, p_branch uuid, p_visit_on date, p_amount_fen bigint
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_cap record;
BEGIN
    IF p_amount_fen = 0 THEN
        RETURN;
    END IF;
    FOR v_cap IN SELECT * FROM cap_counters_of(p_policy, p_site, p_branch, p_visit_on) LOOP
        INSERT INTO cap_counters (kind, subject_id, period, used_fen)
        VALUES (v_cap.kind, v_cap.subject_id, v_cap.period, 0)
        ON CONFLICT DO NOTHING;
        UPDATE cap_counters SET used_fen = used_fen + p_amount_fen
         WHERE (kind, subject_id, period) = (v_cap.kind, v_cap.subject_id, v_cap.period)
           AND used_fen + p_amount_fen <= v_cap.cap_fen;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'caps-moved';
        END IF;
        INSERT INTO cap_takes (order_id, kind, subject_id, period, amount_fen)
        VALUES (p_order, v_cap.kind, v_cap.subject_id, v_cap.period, p_amount_fen);
    END LOOP;
END
$$;
