-- Set aside for an order what other funds bear of it: [{"fund_id", "amount_fen"}, …]; `p_fund` is the fund that pays the
-- site, and encumbers its own part by itself. All of them are locked by id. Refuses with fund-exhausted.
--
--   (none), voided ──contribute──▶ pending
CREATE OR REPLACE FUNCTION contribute(
    p_order uuid, p_fund uuid, p_year integer, p_parts jsonb, p_reason text, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_part record;
BEGIN
    PERFORM 1 FROM fund_years
      WHERE year = p_year
        AND (fund_id = p_fund
             OR fund_id IN (SELECT part.fund_id FROM jsonb_to_recordset(p_parts) AS part(fund_id uuid)))
      ORDER BY fund_id FOR NO KEY UPDATE;
    FOR v_part IN
        SELECT part.fund_id, part.amount_fen
          FROM jsonb_to_recordset(p_parts) AS part(fund_id uuid, amount_fen bigint)
         ORDER BY part.fund_id
    LOOP
        INSERT INTO contributions AS kept (order_id, fund_id, year, amount_fen, state)
        VALUES (p_order, v_part.fund_id, p_year, v_part.amount_fen, 'pending')
        ON CONFLICT (order_id, fund_id) DO UPDATE
           SET year = excluded.year, amount_fen = excluded.amount_fen, state = 'pending';
        INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at, by_id, by_name)
        VALUES (v_part.fund_id, p_year, 'available', 'encumbered', v_part.amount_fen, p_reason, p_order, p_at, p_by,
                p_by_name);
        UPDATE fund_years
           SET available_fen = available_fen - v_part.amount_fen, encumbered_fen = encumbered_fen + v_part.amount_fen,
               version = version + 1
         WHERE fund_id = v_part.fund_id AND year = p_year AND available_fen >= v_part.amount_fen;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
        END IF;
    END LOOP;
END
$$;
