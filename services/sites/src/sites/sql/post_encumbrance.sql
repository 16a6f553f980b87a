-- Owe a site what an approved claim is worth, at most what was set aside for its order; the rest is available again.
-- Refuses with encumbrance-resolved when it was posted or released before. The CHECK of encumbrances refuses more
-- than was set aside. Locks encumbrance, caps, fund, then the site's balance; `pay_lines` locks fund and site likewise.
--
--   pending ──post──▶ posted
CREATE OR REPLACE FUNCTION post_encumbrance(
    p_order uuid, p_claim uuid, p_site_code text, p_amount_fen bigint, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_set_aside encumbrances;
    v_own_fen bigint;
    v_rest_fen bigint;
BEGIN
    SELECT * INTO v_set_aside FROM encumbrances WHERE order_id = p_order AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    PERFORM give_back_caps(p_order, p_amount_fen);
    v_own_fen := post_contributions(
        p_order, p_claim, p_site_code, p_amount_fen, v_set_aside, p_at, p_by, p_by_name);
    UPDATE encumbrances SET state = 'posted', posted_fen = v_own_fen, resolved_at = p_at WHERE order_id = p_order;
    v_rest_fen := v_set_aside.amount_fen - v_own_fen;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    VALUES (v_set_aside.fund_id, v_set_aside.year, 'encumbered', 'payable:' || p_site_code, v_own_fen,
            'claim_approved', p_order, p_claim, p_at, p_by, p_by_name);
    IF v_rest_fen > 0 THEN
        INSERT INTO ledger_entries
            (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
        VALUES (v_set_aside.fund_id, v_set_aside.year, 'encumbered', 'available', v_rest_fen,
                'claim_remainder', p_order, p_claim, p_at, p_by, p_by_name);
    END IF;
    UPDATE fund_years
       SET available_fen = available_fen + v_rest_fen,
           encumbered_fen = encumbered_fen - v_set_aside.amount_fen,
           payable_fen = payable_fen + p_amount_fen,
           received_fen = received_fen + p_amount_fen - v_own_fen,
           version = version + 1
     WHERE fund_id = v_set_aside.fund_id AND year = v_set_aside.year;
    INSERT INTO site_balances AS kept (fund_id, year, site_code, payable_fen, paid_fen)
    VALUES (v_set_aside.fund_id, v_set_aside.year, p_site_code, p_amount_fen, 0)
    ON CONFLICT (fund_id, year, site_code) DO UPDATE SET payable_fen = kept.payable_fen + excluded.payable_fen;
END
$$;
