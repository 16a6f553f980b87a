-- Charge the other funds their part of what an approved claim is worth, and release the rest of what they set aside;
-- returns what is left for the fund that pays the site. Each bears its share of the amount as it was set aside, rounded
-- down to the fen; the paying fund bears what rounding leaves, as far as it has set that much aside.
--
--   pending ──post──▶ posted
CREATE OR REPLACE FUNCTION post_contributions(
    p_order uuid, p_claim uuid, p_site_code text, p_amount_fen bigint, p_lead encumbrances, p_at timestamptz, p_by uuid,
    p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_part record;
    v_total_fen numeric;
    v_given_fen bigint := 0;
    v_posted_fen bigint;
    v_over_fen bigint;  -- what rounding leaves and the paying fund has not set aside
BEGIN
    IF NOT lock_funds_of(p_order) THEN
        RETURN p_amount_fen;
    END IF;
    SELECT p_lead.amount_fen + coalesce(sum(amount_fen), 0) INTO v_total_fen
      FROM contributions WHERE order_id = p_order AND state = 'pending';
    SELECT p_amount_fen - p_lead.amount_fen - coalesce(sum(div(p_amount_fen::numeric * amount_fen, v_total_fen)), 0)
      INTO v_over_fen
      FROM contributions WHERE order_id = p_order AND state = 'pending';
    FOR v_part IN
        SELECT fund_id, year, amount_fen, div(p_amount_fen::numeric * amount_fen, v_total_fen)::bigint AS share_fen
          FROM contributions WHERE order_id = p_order AND state = 'pending'
         ORDER BY fund_id
    LOOP
        v_posted_fen := least(v_part.amount_fen, v_part.share_fen + greatest(v_over_fen, 0));
        v_over_fen := v_over_fen - (v_posted_fen - v_part.share_fen);
        UPDATE contributions SET state = 'posted', posted_fen = v_posted_fen
         WHERE order_id = p_order AND fund_id = v_part.fund_id;
        IF v_posted_fen > 0 THEN
            INSERT INTO ledger_entries
                (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
            VALUES (v_part.fund_id, v_part.year, 'encumbered', 'contributed', v_posted_fen, 'claim_approved', p_order,
                    p_claim, p_at, p_by, p_by_name),
                   (p_lead.fund_id, p_lead.year, 'contributions', 'payable:' || p_site_code, v_posted_fen,
                    'contribution', p_order, p_claim, p_at, p_by, p_by_name);
        END IF;
        IF v_posted_fen < v_part.amount_fen THEN
            INSERT INTO ledger_entries
                (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
            VALUES (v_part.fund_id, v_part.year, 'encumbered', 'available', v_part.amount_fen - v_posted_fen,
                    'claim_remainder', p_order, p_claim, p_at, p_by, p_by_name);
        END IF;
        UPDATE fund_years
           SET available_fen = available_fen + v_part.amount_fen - v_posted_fen,
               encumbered_fen = encumbered_fen - v_part.amount_fen,
               contributed_fen = contributed_fen + v_posted_fen,
               version = version + 1
         WHERE fund_id = v_part.fund_id AND year = v_part.year;
        v_given_fen := v_given_fen + v_posted_fen;
    END LOOP;
    RETURN p_amount_fen - v_given_fen;
END
$$;
