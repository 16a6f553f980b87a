-- Set aside again what other funds bore of an order that is brought back. Refuses with fund-exhausted.
--
--   voided ──restore──▶ pending
CREATE OR REPLACE FUNCTION restore_contributions(
    p_order uuid, p_reason text, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_lead encumbrances;
    v_parts jsonb;
BEGIN
    SELECT * INTO v_lead FROM encumbrances WHERE order_id = p_order;
    SELECT jsonb_agg(jsonb_build_object('fund_id', c.fund_id, 'amount_fen', c.amount_fen)) INTO v_parts
      FROM contributions c WHERE c.order_id = p_order AND c.state = 'voided' AND c.year = v_lead.year;
    IF v_parts IS NOT NULL THEN
        PERFORM contribute(
            p_order, v_lead.fund_id, v_lead.year, v_parts, p_reason, p_at, p_by, p_by_name);
    END IF;
END
$$;
