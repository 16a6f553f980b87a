-- Owe sites what many approved claims are worth, set-wise: all or none, as post_encumbrance does for one. Each line
-- carries {order_id, claim_id, site_code, amount_fen}. Refuses with encumbrance-resolved when one was posted or
-- released before. Locks encumbrances by order, caps, funds by id and year, then the sites' balances. What several funds bear
-- is posted one by one, with all their funds locked before.
--
--   pending ──post──▶ posted
CREATE OR REPLACE FUNCTION post_encumbrances(p_lines jsonb, p_at timestamptz, p_by uuid, p_by_name text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_given integer;
    v_posted integer;
    v_shared jsonb;
    v_line record;
BEGIN
    PERFORM 1 FROM encumbrances
      WHERE order_id IN (SELECT (l ->> 'order_id')::uuid FROM jsonb_array_elements(p_lines) l)
      ORDER BY order_id FOR NO KEY UPDATE;
    PERFORM lock_caps(ARRAY(SELECT (l ->> 'order_id')::uuid FROM jsonb_array_elements(p_lines) l));
    PERFORM give_back_caps(l.order_id, l.amount_fen)
       FROM jsonb_to_recordset(p_lines) AS l (order_id uuid, amount_fen bigint)
      WHERE EXISTS (SELECT FROM cap_takes t WHERE t.order_id = l.order_id);
    PERFORM 1 FROM fund_years y
      WHERE (y.fund_id, y.year) IN (
          SELECT e.fund_id, e.year FROM jsonb_array_elements(p_lines) l
            JOIN encumbrances e ON e.order_id = (l ->> 'order_id')::uuid
           UNION ALL
          SELECT c.fund_id, c.year FROM jsonb_array_elements(p_lines) l
            JOIN contributions c ON c.order_id = (l ->> 'order_id')::uuid)
      ORDER BY y.fund_id, y.year FOR NO KEY UPDATE;
    SELECT jsonb_agg(l) FILTER (WHERE is_shared), coalesce(jsonb_agg(l) FILTER (WHERE NOT is_shared), '[]')
      INTO v_shared, p_lines
      FROM jsonb_array_elements(p_lines) l
     CROSS JOIN LATERAL (
           SELECT EXISTS (SELECT FROM contributions c WHERE c.order_id = (l ->> 'order_id')::uuid) AS is_shared) AS told;
    FOR v_line IN
        SELECT * FROM jsonb_to_recordset(v_shared)
            AS l (order_id uuid, claim_id uuid, site_code text, amount_fen bigint) ORDER BY l.site_code, l.claim_id
    LOOP
        PERFORM post_encumbrance(
            v_line.order_id, v_line.claim_id, v_line.site_code, v_line.amount_fen, p_at, p_by, p_by_name);
    END LOOP;
    v_given := jsonb_array_length(p_lines);
    UPDATE encumbrances e SET state = 'posted', posted_fen = l.amount_fen, resolved_at = p_at
      FROM jsonb_to_recordset(p_lines) AS l (order_id uuid, amount_fen bigint)
     WHERE e.order_id = l.order_id AND e.state = 'pending';
    GET DIAGNOSTICS v_posted = ROW_COUNT;
    IF v_posted <> v_given THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'encumbrance-resolved';
    END IF;
    INSERT INTO ledger_entries
        (fund_id, year, debit, credit, amount_fen, reason, order_id, claim_id, at, by_id, by_name)
    SELECT e.fund_id, e.year, 'encumbered', entry.credit, entry.amount_fen, entry.reason, l.order_id, l.claim_id,
           p_at, p_by, p_by_name
      FROM jsonb_to_recordset(p_lines) AS l (order_id uuid, claim_id uuid, site_code text, amount_fen bigint)
      JOIN encumbrances e ON e.order_id = l.order_id
     CROSS JOIN LATERAL (VALUES
         (1, 'payable:' || l.site_code, l.amount_fen, 'claim_approved'),
         (2, 'available', e.amount_fen - l.amount_fen, 'claim_remainder')
     ) AS entry (place, credit, amount_fen, reason)
     WHERE entry.amount_fen > 0
     ORDER BY l.claim_id, entry.place;
    UPDATE fund_years y
       SET available_fen = y.available_fen + s.set_aside_fen - s.posted_fen,
           encumbered_fen = y.encumbered_fen - s.set_aside_fen,
           payable_fen = y.payable_fen + s.posted_fen,
           version = y.version + 1
      FROM (
          SELECT e.fund_id, e.year, sum(e.amount_fen) AS set_aside_fen, sum(e.posted_fen) AS posted_fen
            FROM jsonb_array_elements(p_lines) l JOIN encumbrances e ON e.order_id = (l ->> 'order_id')::uuid
           GROUP BY e.fund_id, e.year
      ) s
     WHERE y.fund_id = s.fund_id AND y.year = s.year;
    INSERT INTO site_balances AS kept (fund_id, year, site_code, payable_fen, paid_fen)
    SELECT e.fund_id, e.year, l.site_code, sum(l.amount_fen), 0
      FROM jsonb_to_recordset(p_lines) AS l (order_id uuid, site_code text, amount_fen bigint)
      JOIN encumbrances e ON e.order_id = l.order_id
     GROUP BY e.fund_id, e.year, l.site_code
     ORDER BY e.fund_id, e.year, l.site_code
    ON CONFLICT (fund_id, year, site_code) DO UPDATE SET payable_fen = kept.payable_fen + excluded.payable_fen;
END
$$;
