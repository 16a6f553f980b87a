-- Give back what other funds have set aside for an order. The caller has resolved the order's encumbrance, and whoever
-- resolves it does so once; `lock_funds_of` holds the funds.
--
--   pending ──release──▶ voided
CREATE OR REPLACE FUNCTION release_contributions(
    p_order uuid, p_reason text, p_claim uuid, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_part contributions;
BEGIN
    FOR v_part IN
        UPDATE contributions SET state = 'voided' WHERE order_id = p_order AND state = 'pending' RETURNING *
    LOOP
        INSERT INTO ledger_entries
            (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
        VALUES (v_part.fund_id, v_part.year, 'encumbered', 'available', v_part.amount_fen, p_reason, p_order, p_claim,
                p_at, p_by, p_by_name);
        UPDATE fund_years
           SET available_fen = available_fen + v_part.amount_fen, encumbered_fen = encumbered_fen - v_part.amount_fen,
               version = version + 1
         WHERE fund_id = v_part.fund_id AND year = v_part.year;
    END LOOP;
END
$$;
