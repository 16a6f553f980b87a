-- Set aside again for an order what its rejected claim gave back; returns the amount in fen. Refuses with
-- fund-exhausted when the fund's year has not that much left, with caps-moved when a cap, or the share of a fund, has not, with
-- encumbrance-resolved when nothing was given back.
-- Locks encumbrance, then fund.
--
--   voided ──restore──▶ pending
CREATE OR REPLACE FUNCTION restore_encumbrance(
    p_order uuid, p_claim uuid, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_set_aside encumbrances;
BEGIN
    UPDATE encumbrances SET state = 'pending', resolved_at = NULL WHERE order_id = p_order AND state = 'voided'
    RETURNING * INTO v_set_aside;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    PERFORM take_caps(
        p_order, o.policy_id, o.site_id, o.branch_id, o.visit_on, v_set_aside.amount_fen + contributed_before(p_order))
       FROM orders o WHERE o.id = p_order;
    PERFORM restore_contributions(p_order, 'claim_restored', p_at, p_by, p_by_name);
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    VALUES (v_set_aside.fund_id, v_set_aside.year, 'available', 'encumbered', v_set_aside.amount_fen, 'claim_restored',
            p_order, p_claim, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen - v_set_aside.amount_fen,
           encumbered_fen = encumbered_fen + v_set_aside.amount_fen,
           version = version + 1
     WHERE fund_id = v_set_aside.fund_id AND year = v_set_aside.year AND available_fen >= v_set_aside.amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
    PERFORM keep_fund_share(o.policy_id, held.fund_id, held.year)
       FROM orders o,
            (SELECT v_set_aside.fund_id, v_set_aside.year
              UNION ALL
             SELECT fund_id, year FROM contributions WHERE order_id = p_order AND state = 'pending') AS held
      WHERE o.id = p_order;
    RETURN v_set_aside.amount_fen;
END
$$;
