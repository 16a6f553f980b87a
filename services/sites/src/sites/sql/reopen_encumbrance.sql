-- Take back what a site is owed for a claim that goes back to it; what was posted is set aside again, no more than that.
-- Refuses with encumbrance-resolved when it is not posted. Locks encumbrance, funds by id, then the site's balance.
--
--   posted ──reopen──▶ pending
CREATE OR REPLACE FUNCTION reopen_encumbrance(
    p_order uuid, p_claim uuid, p_site_code text, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_before encumbrances;
    v_part contributions;
    v_given_fen bigint := 0;
BEGIN
    SELECT * INTO v_before FROM encumbrances WHERE order_id = p_order AND state = 'posted' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    PERFORM lock_funds_of(p_order);
    DELETE FROM contributions WHERE order_id = p_order AND posted_fen = 0;
    FOR v_part IN
        UPDATE contributions SET state = 'pending', amount_fen = posted_fen, posted_fen = NULL
         WHERE order_id = p_order AND state = 'posted' RETURNING *
    LOOP
        INSERT INTO ledger_entries
            (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
        VALUES (v_part.fund_id, v_part.year, 'contributed', 'encumbered', v_part.amount_fen, 'claim_reopened', p_order,
                p_claim, p_at, p_by, p_by_name),
               (v_before.fund_id, v_before.year, 'payable:' || p_site_code, 'contributions', v_part.amount_fen,
                'claim_reopened', p_order, p_claim, p_at, p_by, p_by_name);
        UPDATE fund_years
           SET encumbered_fen = encumbered_fen + v_part.amount_fen,
               contributed_fen = contributed_fen - v_part.amount_fen,
               version = version + 1
         WHERE fund_id = v_part.fund_id AND year = v_part.year;
        v_given_fen := v_given_fen + v_part.amount_fen;
    END LOOP;
    UPDATE encumbrances
       SET state = 'pending', amount_fen = v_before.posted_fen, posted_fen = NULL, resolved_at = NULL
     WHERE order_id = p_order;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    VALUES (v_before.fund_id, v_before.year, 'payable:' || p_site_code, 'encumbered', v_before.posted_fen,
            'claim_reopened', p_order, p_claim, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET encumbered_fen = encumbered_fen + v_before.posted_fen,
           payable_fen = payable_fen - v_before.posted_fen - v_given_fen,
           received_fen = received_fen - v_given_fen,
           version = version + 1
     WHERE fund_id = v_before.fund_id AND year = v_before.year;
    UPDATE site_balances SET payable_fen = payable_fen - v_before.posted_fen - v_given_fen
     WHERE fund_id = v_before.fund_id AND year = v_before.year AND site_code = p_site_code;
    RETURN v_before.posted_fen + v_given_fen;
END
$$;
