-- Place an order in one round trip: guard, order, history, event, seats, quota, fund. Any refusal undoes all of it.
--
-- The rows nobody else wants are written first. Then the locks, always in the same sequence: slot, branch, caps, fund, so
-- that two orders never wait for each other in a ring, and the fund, which all share, is held for the shortest time.
-- Everything that can be computed comes as an argument. Two answers come with it: the caller cannot know whether
-- another order of the branch takes the month's subsidised visit first.
--
-- Returns the answer's bytes: those of this call, or those stored when the same command was done before. A second
-- call with the command's id waits at the guard until the first has ended.
CREATE OR REPLACE FUNCTION place_order(
    p_command uuid,
    p_body_hash bytea,
    p_door text,
    p_caller uuid,
    p_order uuid,
    p_slot uuid,
    p_site uuid,
    p_programme uuid,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_visit_on date,
    p_branch uuid,
    p_by uuid,
    p_by_name text,
    p_at timestamptz,
    p_party_size integer,
    p_contact_name text,
    p_contact_phone bytea,
    p_contact_phone_masked text,
    p_confirmation text,
    p_state text,
    p_answer_by timestamptz,
    p_voucher text,
    p_policy uuid,
    p_fund uuid,
    p_fund_year integer,
    p_amount_fen bigint,
    p_explanation jsonb,
    p_explanation_unsubsidised jsonb,
    p_open_orders_max integer,
    p_subsidised_a_month_max integer,
    p_answer bytea,
    p_answer_unsubsidised bytea,
    p_event jsonb,
    p_traceparent text,
    p_route_order uuid,
    p_slot_confirmation text DEFAULT NULL,
    p_hold uuid DEFAULT NULL,
    p_contributions jsonb DEFAULT NULL,
    p_has_caps boolean DEFAULT false,
    p_audit text DEFAULT NULL  -- what the audit keeps of it, where somebody asked for this very order
) RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
    v_done commands;
    v_open integer;
    v_subsidised integer;
BEGIN
    INSERT INTO commands (id, door, caller, body_hash, answer, created_at)
    VALUES (p_command, p_door, p_caller, p_body_hash, p_answer, p_at)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO v_done FROM commands WHERE id = p_command;
        IF (v_done.door, v_done.caller, v_done.body_hash) IS DISTINCT FROM (p_door, p_caller, p_body_hash) THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'idempotency-key-reused';
        END IF;
        RETURN v_done.answer;
    END IF;
    IF p_audit IS NOT NULL THEN
        INSERT INTO audit_waiting (record) VALUES (p_audit::jsonb);
    END IF;

    INSERT INTO orders (
        id, slot_id, site_id, programme_id, branch_id, placed_by_id, placed_by, placed_at, party_size, seats,
        starts_at, ends_at, visit_on, confirmation, answer_by, state, voucher,
        contact_name, contact_phone, contact_phone_masked,
        policy_id, fund_id, is_subsidised, subsidy_estimate_fen, subsidy_explanation, version,
        route_order_id
    ) VALUES (
        p_order, p_slot, p_site, p_programme, p_branch, p_by, p_by_name, p_at, p_party_size, p_party_size,
        p_starts_at, p_ends_at, p_visit_on, p_confirmation, p_answer_by, p_state, p_voucher,
        p_contact_name, p_contact_phone, p_contact_phone_masked,
        p_policy, p_fund, p_amount_fen > 0, p_amount_fen, p_explanation, 1,
        p_route_order
    );
    INSERT INTO order_history (order_id, move, state, at, by_id, by_name)
    VALUES (p_order, 'place', p_state, p_at, p_by, p_by_name);
    IF p_event IS NOT NULL THEN
        INSERT INTO outbox (event_id, event, aggregate, aggregate_id, version, data, occurred_at, traceparent)
        VALUES (gen_random_uuid(), 'visit_ordered', 'order', p_order::text, 1, p_event, p_at, p_traceparent);
    END IF;

    IF p_hold IS NULL THEN
        PERFORM take_seats(
            p_slot, p_party_size, (p_branch IS NOT NULL)::integer, 'order', p_at, p_starts_at,
            coalesce(p_slot_confirmation, p_confirmation)
        );
    ELSE
        PERFORM take_hold(p_hold, p_slot, p_order, p_at);
    END IF;

    IF p_branch IS NOT NULL THEN
        -- The branch's row is the lock; under it its orders are counted, so no counter can drift.
        PERFORM 1 FROM organisations WHERE id = p_branch FOR NO KEY UPDATE;
        v_open := count_open_orders(p_branch, p_order, p_route_order, p_at);
        IF v_open >= p_open_orders_max THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'quota-reached',
                DETAIL = json_build_object('limit', p_open_orders_max)::text;
        END IF;
    END IF;
    PERFORM keep_quotas(p_branch, p_by, p_visit_on);

    IF p_amount_fen > 0 THEN
        SELECT count(*) INTO v_subsidised
          FROM orders
         WHERE branch_id = p_branch AND is_subsidised AND state IN ('placed', 'confirmed', 'used') AND id <> p_order
           AND visit_on >= date_trunc('month', p_visit_on)
           AND visit_on < date_trunc('month', p_visit_on) + interval '1 month';
        IF v_subsidised >= p_subsidised_a_month_max THEN
            UPDATE orders
               SET is_subsidised = false, subsidy_estimate_fen = 0, subsidy_explanation = p_explanation_unsubsidised
             WHERE id = p_order;
            UPDATE commands SET answer = p_answer_unsubsidised WHERE id = p_command;
            RETURN p_answer_unsubsidised;
        END IF;
        IF p_has_caps THEN
            PERFORM take_caps(p_order, p_policy, p_site, p_branch, p_visit_on, p_amount_fen);
        END IF;
        IF p_contributions IS NOT NULL THEN
            PERFORM contribute(
                p_order, p_fund, p_fund_year, p_contributions, 'order_placed', p_at, p_by, p_by_name);
        END IF;
        PERFORM encumber(
            p_fund, p_fund_year, p_order,
            p_amount_fen - coalesce((SELECT sum(part.amount_fen)
                                       FROM jsonb_to_recordset(p_contributions) AS part(amount_fen bigint)), 0)::bigint,
            p_at, p_by, p_by_name);
        IF p_has_caps THEN
            PERFORM keep_fund_share(p_policy, fund.id, p_fund_year)
               FROM (SELECT p_fund AS id
                      UNION ALL
                     SELECT part.fund_id FROM jsonb_to_recordset(p_contributions) AS part(fund_id uuid)) AS fund;
        END IF;
    END IF;
    RETURN p_answer;
END
$$;
