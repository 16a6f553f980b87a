-- Owe a site more for a claim that was approved for too little, at most what was set aside. The fund that pays bears it
-- as far as it had set aside, then the other funds of the order. Refuses with fund-exhausted when one has not that much
-- left, with encumbrance-resolved when nothing was posted for the order; the CHECK of encumbrances refuses more than was
-- set aside; caps-moved where a cap, or the share of a fund, has not that much left. Locks encumbrance, caps, funds by id, then the site's balance.
CREATE OR REPLACE FUNCTION raise_encumbrance(
    p_order uuid, p_claim uuid, p_site_code text, p_amount_fen bigint, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_posted encumbrances;
    v_part contributions;
    v_left_fen bigint := 0;
    v_own_fen bigint := p_amount_fen;
    v_borne_fen bigint;
BEGIN
    SELECT * INTO v_posted FROM encumbrances WHERE order_id = p_order AND state = 'posted' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    PERFORM raise_caps(p_order, p_amount_fen);
    IF lock_funds_of(p_order) THEN
        v_own_fen := least(p_amount_fen, v_posted.amount_fen - v_posted.posted_fen);
        v_left_fen := p_amount_fen - v_own_fen;
    END IF;
    FOR v_part IN
        SELECT * FROM contributions WHERE order_id = p_order AND state = 'posted' ORDER BY fund_id
    LOOP
        v_borne_fen := least(v_left_fen, v_part.amount_fen - v_part.posted_fen);
        CONTINUE WHEN v_borne_fen = 0;
        v_left_fen := v_left_fen - v_borne_fen;
        UPDATE contributions SET posted_fen = posted_fen + v_borne_fen
         WHERE order_id = p_order AND fund_id = v_part.fund_id;
        INSERT INTO ledger_entries
            (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
        VALUES (v_part.fund_id, v_part.year, 'available', 'contributed', v_borne_fen, 'appeal_granted', p_order,
                p_claim, p_at, p_by, p_by_name),
               (v_posted.fund_id, v_posted.year, 'contributions', 'payable:' || p_site_code, v_borne_fen,
                'contribution', p_order, p_claim, p_at, p_by, p_by_name);
        UPDATE fund_years
           SET available_fen = available_fen - v_borne_fen, contributed_fen = contributed_fen + v_borne_fen,
               version = version + 1
         WHERE fund_id = v_part.fund_id AND year = v_part.year AND available_fen >= v_borne_fen;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
        END IF;
    END LOOP;
    v_own_fen := v_own_fen + v_left_fen;
    UPDATE encumbrances SET posted_fen = posted_fen + v_own_fen WHERE order_id = p_order;
    IF v_own_fen > 0 THEN
        INSERT INTO ledger_entries
            (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
        VALUES (v_posted.fund_id, v_posted.year, 'available', 'payable:' || p_site_code, v_own_fen, 'appeal_granted',
                p_order, p_claim, p_at, p_by, p_by_name);
    END IF;
    UPDATE fund_years
       SET available_fen = available_fen - v_own_fen, payable_fen = payable_fen + p_amount_fen,
           received_fen = received_fen + p_amount_fen - v_own_fen, version = version + 1
     WHERE fund_id = v_posted.fund_id AND year = v_posted.year AND available_fen >= v_own_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
    PERFORM keep_fund_share(o.policy_id, held.fund_id, held.year)
       FROM orders o,
            (SELECT v_posted.fund_id, v_posted.year
              UNION ALL
             SELECT fund_id, year FROM contributions WHERE order_id = p_order AND state = 'posted') AS held
      WHERE o.id = p_order;
    UPDATE site_balances SET payable_fen = payable_fen + p_amount_fen
     WHERE fund_id = v_posted.fund_id AND year = v_posted.year AND site_code = p_site_code;
END
$$;
