-- Set money aside for an order: the last step of placing it, because every order of the fund waits for the last
-- UPDATE here. Refuses with fund-exhausted when the fund's year has not that much left, or was granted nothing.
--
--   (none) ──encumber──▶ pending
CREATE OR REPLACE FUNCTION encumber(
    p_fund uuid, p_year integer, p_order uuid, p_amount_fen bigint, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF p_amount_fen = 0 THEN
        RETURN;
    END IF;
    INSERT INTO encumbrances (order_id, fund_id, year, amount_fen, state, encumbered_at)
    VALUES (p_order, p_fund, p_year, p_amount_fen, 'pending', p_at);
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at, by_id, by_name)
    VALUES (p_fund, p_year, 'available', 'encumbered', p_amount_fen, 'order_placed', p_order, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen - p_amount_fen, encumbered_fen = encumbered_fen + p_amount_fen,
           version = version + 1
     WHERE fund_id = p_fund AND year = p_year AND available_fen >= p_amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
END
$$;
