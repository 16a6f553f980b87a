-- Record overpayments of one fund's year: [{"claim_id", "site_code", "amount_fen"}, …] by one reason.
--
--   overpayment_found    paid:<site> ─▶ receivable:<site>     the site was paid too much
--   overpayment_offset   receivable:<site> ─▶ available       kept back from a payment of a batch
--   overpayment_repaid   receivable:<site> ─▶ available       paid back by the site
--
-- The CHECKs of fund_years and site_balances refuse more than was paid, or than is owed. Locks fund, then site.
CREATE OR REPLACE FUNCTION move_overpayment(
    p_fund uuid, p_year integer, p_batch uuid, p_reason text, p_lines jsonb, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_total_fen bigint;
    v_is_found boolean := p_reason = 'overpayment_found';
BEGIN
    IF p_reason NOT IN ('overpayment_found', 'overpayment_offset', 'overpayment_repaid') THEN
        RAISE EXCEPTION '% moves no overpayment', p_reason;
    END IF;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, claim_id, batch_id, at, by_id, by_name)
    SELECT p_fund, p_year,
           CASE WHEN v_is_found THEN 'paid:' ELSE 'receivable:' END || line.site_code,
           CASE WHEN v_is_found THEN 'receivable:' || line.site_code ELSE 'available' END,
           line.amount_fen, p_reason, line.claim_id, p_batch, p_at, p_by, p_by_name
      FROM jsonb_to_recordset(p_lines) AS line(claim_id uuid, site_code text, amount_fen bigint);
    SELECT coalesce(sum(line.amount_fen), 0) INTO v_total_fen FROM jsonb_to_recordset(p_lines) AS line(amount_fen bigint);
    UPDATE fund_years
       SET paid_fen = paid_fen - CASE WHEN v_is_found THEN v_total_fen ELSE 0 END,
           receivable_fen = receivable_fen + CASE WHEN v_is_found THEN v_total_fen ELSE -v_total_fen END,
           available_fen = available_fen + CASE WHEN v_is_found THEN 0 ELSE v_total_fen END,
           version = version + 1
     WHERE fund_id = p_fund AND year = p_year;
    UPDATE site_balances AS kept
       SET paid_fen = kept.paid_fen - CASE WHEN v_is_found THEN moved.fen ELSE 0 END,
           receivable_fen = kept.receivable_fen + CASE WHEN v_is_found THEN moved.fen ELSE -moved.fen END
      FROM (SELECT line.site_code, sum(line.amount_fen)::bigint AS fen
              FROM jsonb_to_recordset(p_lines) AS line(site_code text, amount_fen bigint)
             GROUP BY line.site_code) AS moved
     WHERE kept.fund_id = p_fund AND kept.year = p_year AND kept.site_code = moved.site_code;
    RETURN v_total_fen;
END
$$;
