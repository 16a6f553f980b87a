-- Lock the funds that set money aside for an order together, in the sequence of their ids, so that two orders which
-- share funds never wait for each other in a ring. Where one fund pays alone nothing is locked here.
CREATE OR REPLACE FUNCTION lock_funds_of(p_order uuid) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM 1 FROM contributions WHERE order_id = p_order;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM fund_years y
      WHERE (y.fund_id, y.year) IN (
          SELECT c.fund_id, c.year FROM contributions c WHERE c.order_id = p_order
           UNION ALL
          SELECT e.fund_id, e.year FROM encumbrances e WHERE e.order_id = p_order)
      ORDER BY y.fund_id, y.year FOR NO KEY UPDATE;
    RETURN true;
END
$$;
