-- Set aside for an amended order what it is worth now: what was set aside is released, the new amount encumbered, both
-- by entries of one transaction, and the balances move by the difference. Refuses with fund-exhausted when the fund's
-- year has not that much left; with encumbrance-resolved when a claim was posted. The fund's rows are locked by id.
--
--   (none), pending, voided ──amend──▶ pending, or voided where nothing is to be set aside
CREATE OR REPLACE FUNCTION amend_encumbrance(
    p_order uuid, p_fund uuid, p_year integer, p_amount_fen bigint, p_at timestamptz, p_by uuid, p_by_name text,
    p_contributions jsonb DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_old encumbrances;
BEGIN
    SELECT * INTO v_old FROM encumbrances WHERE order_id = p_order FOR UPDATE;
    IF v_old.state = 'posted' THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    IF v_old.state = 'pending' AND (v_old.fund_id, v_old.year, v_old.amount_fen) = (p_fund, p_year, p_amount_fen)
       AND p_contributions IS NULL AND NOT EXISTS (SELECT FROM contributions WHERE order_id = p_order) THEN
        RETURN;
    END IF;
    PERFORM 1 FROM fund_years
      WHERE (fund_id, year) IN ((v_old.fund_id, v_old.year), (p_fund, p_year))
         OR (fund_id, year) IN (SELECT c.fund_id, c.year FROM contributions c WHERE c.order_id = p_order)
         OR (fund_id, year) IN (SELECT part.fund_id, p_year
                                  FROM jsonb_to_recordset(p_contributions) AS part(fund_id uuid))
      ORDER BY fund_id, year FOR NO KEY UPDATE;
    PERFORM release_encumbrance(p_order, 'order_amended', NULL, p_at, p_by, p_by_name);
    DELETE FROM contributions WHERE order_id = p_order;
    IF p_amount_fen = 0 THEN
        RETURN;
    END IF;
    IF p_contributions IS NOT NULL THEN
        PERFORM contribute(
            p_order, p_fund, p_year, p_contributions, 'order_amended', p_at, p_by, p_by_name);
    END IF;
    INSERT INTO encumbrances AS kept (order_id, fund_id, year, amount_fen, state, encumbered_at)
    VALUES (p_order, p_fund, p_year, p_amount_fen, 'pending', p_at)
    ON CONFLICT (order_id) DO UPDATE
       SET fund_id = excluded.fund_id, year = excluded.year, amount_fen = excluded.amount_fen, state = 'pending',
           encumbered_at = excluded.encumbered_at, resolved_at = NULL;
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at, by_id, by_name)
    VALUES (p_fund, p_year, 'available', 'encumbered', p_amount_fen, 'order_amended', p_order, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen - p_amount_fen, encumbered_fen = encumbered_fen + p_amount_fen,
           version = version + 1
     WHERE fund_id = p_fund AND year = p_year AND available_fen >= p_amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
END
$$;
