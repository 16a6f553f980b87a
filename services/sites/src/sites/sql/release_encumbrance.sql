-- Give back what was set aside for an order; returns the amount in fen, 0 when nothing is pending for it.
-- Of several calls at once, one finds the encumbrance pending.
--
--   pending ──release──▶ voided
CREATE OR REPLACE FUNCTION release_encumbrance(
    p_order uuid, p_reason text, p_claim uuid, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_set_aside encumbrances;
BEGIN
    UPDATE encumbrances SET state = 'voided', resolved_at = p_at
     WHERE order_id = p_order AND state = 'pending'
    RETURNING * INTO v_set_aside;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    PERFORM give_back_caps(p_order);
    IF lock_funds_of(p_order) THEN
        PERFORM release_contributions(p_order, p_reason, p_claim, p_at, p_by, p_by_name);
    END IF;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    VALUES (v_set_aside.fund_id, v_set_aside.year, 'encumbered', 'available', v_set_aside.amount_fen, p_reason,
            p_order, p_claim, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen + v_set_aside.amount_fen,
           encumbered_fen = encumbered_fen - v_set_aside.amount_fen,
           version = version + 1
     WHERE fund_id = v_set_aside.fund_id AND year = v_set_aside.year;
    RETURN v_set_aside.amount_fen;
END
$$;
