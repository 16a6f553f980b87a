-- Bring back an order that ended although its party came: its seats, and its money when the fund has it,
-- cut to what the policy's caps leave now; where several funds bear it each gives as much less in proportion. The caller
-- holds the order's row, and the slot's. Refuses with slot-full, groups-full, fund-exhausted, caps-moved.
--
--   cancelled, no_show ──restore──▶ confirmed
--   voided ──encumber again──▶ pending
CREATE OR REPLACE FUNCTION restore_order(
    p_order uuid, p_is_paid boolean, p_reason text, p_unsubsidised jsonb, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_order orders;
    v_set_aside encumbrances;
    v_subsidised integer;
    v_cap record;
    v_left_fen bigint;
    v_total_fen bigint;
BEGIN
    UPDATE orders SET state = 'confirmed', reason = NULL, cancelled_late = false, no_show_excused = false,
           version = version + 1
     WHERE id = p_order AND state IN ('cancelled', 'no_show') AND voucher IS NOT NULL
    RETURNING * INTO v_order;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO order_history (order_id, move, state, at, by_id, by_name, reason)
    VALUES (p_order, 'restore', 'confirmed', p_at, p_by, p_by_name, p_reason);
    PERFORM take_seats(
        v_order.slot_id, v_order.seats,
        CASE WHEN v_order.branch_id IS NULL AND v_order.group_name IS NULL THEN 0 ELSE 1 END, 'door', p_at
    );
    IF NOT v_order.is_subsidised THEN
        RETURN;
    END IF;
    -- The month's subsidised visit may have gone to another order since.
    PERFORM 1 FROM organisations WHERE id = v_order.branch_id FOR NO KEY UPDATE;
    SELECT count(*) INTO v_subsidised FROM orders
     WHERE branch_id = v_order.branch_id AND is_subsidised AND state IN ('placed', 'confirmed', 'used') AND id <> p_order
       AND visit_on >= date_trunc('month', v_order.visit_on)
       AND visit_on < date_trunc('month', v_order.visit_on) + interval '1 month';
    IF NOT p_is_paid OR v_subsidised >= (
        SELECT subsidised_a_month_max FROM quota_rules
         WHERE effective_from <= v_order.visit_on ORDER BY effective_from DESC LIMIT 1
    ) THEN
        UPDATE orders SET is_subsidised = false, subsidy_estimate_fen = 0, subsidy_explanation = p_unsubsidised
         WHERE id = p_order;
        RETURN;
    END IF;
    PERFORM lock_caps(ARRAY[p_order]);
    FOR v_cap IN
        SELECT c.rule, c.cap_fen, c.used_fen
          FROM policies p,
               jsonb_to_recordset(caps_used(p, v_order.site_id, v_order.branch_id, v_order.visit_on, v_order.fund_id))
               AS c (rule text, cap_fen bigint, used_fen bigint)
         WHERE p.id = v_order.policy_id
           -- What one fund has left of its share says nothing of a visit that several bear; the guard below does.
           AND (c.rule <> 'fund_share' OR contributed_before(p_order) = 0)
    LOOP
        v_left_fen := greatest(v_cap.cap_fen - v_cap.used_fen, 0);
        CONTINUE WHEN v_order.subsidy_estimate_fen <= v_left_fen;
        UPDATE orders
           SET subsidy_estimate_fen = v_left_fen, is_subsidised = v_left_fen > 0,
               subsidy_explanation = subsidy_explanation || jsonb_build_array(jsonb_build_object(
                   'rule', v_cap.rule, 'amount_fen', v_left_fen - v_order.subsidy_estimate_fen,
                   'inputs', jsonb_build_object('cap_fen', v_cap.cap_fen, 'used_fen', v_cap.used_fen,
                                                'left_fen', v_left_fen, 'before_fen', v_order.subsidy_estimate_fen)))
         WHERE id = p_order
        RETURNING * INTO v_order;
    END LOOP;
    IF NOT v_order.is_subsidised THEN
        RETURN;
    END IF;
    SELECT amount_fen + contributed_before(p_order) INTO v_total_fen
      FROM encumbrances WHERE order_id = p_order AND state = 'voided';
    IF v_order.subsidy_estimate_fen < v_total_fen THEN
        DELETE FROM contributions
         WHERE order_id = p_order AND state = 'voided'
           AND div(amount_fen::numeric * v_order.subsidy_estimate_fen, v_total_fen) = 0;
        UPDATE contributions SET amount_fen = div(amount_fen::numeric * v_order.subsidy_estimate_fen, v_total_fen)
         WHERE order_id = p_order AND state = 'voided';
        UPDATE encumbrances SET amount_fen = v_order.subsidy_estimate_fen - contributed_before(p_order)
         WHERE order_id = p_order AND state = 'voided';
    END IF;
    UPDATE encumbrances SET state = 'pending', resolved_at = NULL WHERE order_id = p_order AND state = 'voided'
    RETURNING * INTO v_set_aside;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM take_caps(
        p_order, v_order.policy_id, v_order.site_id, v_order.branch_id, v_order.visit_on,
        v_set_aside.amount_fen + contributed_before(p_order));
    PERFORM restore_contributions(p_order, 'order_restored', p_at, p_by, p_by_name);
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, order_id, at, by_id, by_name)
    VALUES (v_set_aside.fund_id, v_set_aside.year, 'available', 'encumbered', v_set_aside.amount_fen, 'order_restored',
            p_order, p_at, p_by, p_by_name);
    UPDATE fund_years
       SET available_fen = available_fen - v_set_aside.amount_fen,
           encumbered_fen = encumbered_fen + v_set_aside.amount_fen, version = version + 1
     WHERE fund_id = v_set_aside.fund_id AND year = v_set_aside.year AND available_fen >= v_set_aside.amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
    PERFORM keep_fund_share(v_order.policy_id, held.fund_id, held.year)
       FROM (SELECT v_set_aside.fund_id, v_set_aside.year
              UNION ALL
             SELECT fund_id, year FROM contributions WHERE order_id = p_order AND state = 'pending') AS held;
END
$$;
