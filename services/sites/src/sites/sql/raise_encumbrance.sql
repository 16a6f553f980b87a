-- Owe a site more for a claim that was approved for too little; what was posted grows, the CHECK of encumbrances keeps
-- it at or below what was set aside. Refuses with fund-exhausted when the fund's year has not that much left, with
-- encumbrance-resolved when nothing was posted for the order. Locks encumbrance, fund, then the site's balance.
CREATE OR REPLACE FUNCTION raise_encumbrance(
    p_order uuid, p_claim uuid, p_site_code text, p_amount_fen bigint, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_posted encumbrances;
BEGIN
    UPDATE encumbrances SET posted_fen = posted_fen + p_amount_fen WHERE order_id = p_order AND state = 'posted'
    RETURNING * INTO v_posted;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    VALUES (v_posted.fund_id, v_posted.year, 'available', 'payable:' || p_site_code, p_amount_fen, 'appeal_granted',
            p_order, p_claim, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen - p_amount_fen, payable_fen = payable_fen + p_amount_fen,
           version = version + 1
     WHERE fund_id = v_posted.fund_id AND year = v_posted.year AND available_fen >= p_amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
    UPDATE site_balances SET payable_fen = payable_fen + p_amount_fen
     WHERE fund_id = v_posted.fund_id AND year = v_posted.year AND site_code = p_site_code;
END
$$;
