-- Record that the bank paid lines of a batch: [{"order_id", "claim_id", "site_code", "amount_fen"}, …], all of one
-- fund's year. One entry a line; the unique index on payments refuses a claim that the batch has paid before.
CREATE OR REPLACE FUNCTION pay_lines(
    p_fund uuid, p_year integer, p_batch uuid, p_lines jsonb, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_total_fen bigint;
BEGIN
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, batch_id, at, by_id, by_name)
    SELECT p_fund, p_year, 'payable:' || line.site_code, 'paid:' || line.site_code, line.amount_fen, 'payment',
           line.order_id, line.claim_id, p_batch, p_at, p_by, p_by_name
      FROM jsonb_to_recordset(p_lines)
           AS line(order_id uuid, claim_id uuid, site_code text, amount_fen bigint);
    SELECT coalesce(sum(line.amount_fen), 0) INTO v_total_fen
      FROM jsonb_to_recordset(p_lines) AS line(amount_fen bigint);
    UPDATE fund_years
       SET payable_fen = payable_fen - v_total_fen, paid_fen = paid_fen + v_total_fen, version = version + 1
     WHERE fund_id = p_fund AND year = p_year;
    UPDATE site_balances AS kept
       SET payable_fen = kept.payable_fen - paid.fen, paid_fen = kept.paid_fen + paid.fen
      FROM (SELECT line.site_code, sum(line.amount_fen)::bigint AS fen
              FROM jsonb_to_recordset(p_lines) AS line(site_code text, amount_fen bigint)
             GROUP BY line.site_code) AS paid
     WHERE kept.fund_id = p_fund AND kept.year = p_year AND kept.site_code = paid.site_code;
    RETURN v_total_fen;
END
$$;
