-- Let a party in, online, in one round trip: guard, order, free seats, check-in, answer. Any refusal undoes all of it.
--
-- Locks: the order, then its slot (only for heads beyond the seats it holds). A second call with the command's id waits
-- at the guard; a second use of the voucher waits at the order and is told when, where and by whom it was used.
--
-- Members whom the branch named come one by one: each comes in once, and while nobody was counted without a name, one
-- after another is no second use. A count stands for the whole party, so after it names are a second use as well.
-- Returns the CheckInView's JSON as bytes.
CREATE OR REPLACE FUNCTION check_in(
    p_command uuid,
    p_body_hash bytea,
    p_door text,
    p_caller uuid,
    p_check_in uuid,
    p_code text,              -- the short code, or the order of somebody who checks in themself, or
    p_order uuid,             -- what a token that verifies says:
    p_revision integer,
    p_kid integer,
    p_public_key bytea,
    p_paths text[],           -- where the caller may check in
    p_site uuid,
    p_count integer,
    p_members uuid[],
    p_is_more boolean,
    p_reason text,
    p_way text,
    p_happened_at timestamptz,
    p_device_at timestamptz,
    p_device text,
    p_by uuid,
    p_by_name text,
    p_at timestamptz,
    p_distance_m integer DEFAULT NULL,  -- from the site, where the device told it
    p_audit text DEFAULT NULL           -- what the audit keeps of it
) RETURNS bytea
LANGUAGE plpgsql
AS $$
DECLARE
    v_done commands;
    v_key voucher_keys;
    v_order orders;
    v_site sites;
    v_branch text;
    v_first check_ins;
    v_same check_ins;
    v_members uuid[] := p_members;
    v_count integer := p_count;
    v_is_named boolean := false;
    v_used_at text;
    v_used_by text;
    v_used_count integer;
    v_came integer;
    v_answer bytea;
BEGIN
    INSERT INTO commands (id, door, caller, body_hash, created_at)
    VALUES (p_command, p_door, p_caller, p_body_hash, p_at)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO v_done FROM commands WHERE id = p_command;
        IF (v_done.door, v_done.caller, v_done.body_hash) IS DISTINCT FROM (p_door, p_caller, p_body_hash) THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'idempotency-key-reused';
        END IF;
        RETURN v_done.answer;
    END IF;

    IF p_kid IS NOT NULL THEN
        SELECT * INTO v_key FROM voucher_keys WHERE kid = p_kid AND public_key = p_public_key;
        IF v_key.state = 'leaked' THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-withdrawn';
        ELSIF v_key.state IS NULL OR v_key.state NOT IN ('signing', 'retired') THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-unknown';
        END IF;
        SELECT * INTO v_order FROM orders WHERE id = p_order FOR NO KEY UPDATE;
    ELSIF p_code IS NULL THEN
        SELECT * INTO v_order FROM orders WHERE id = p_order FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO v_order FROM orders WHERE voucher = p_code FOR NO KEY UPDATE;
    END IF;
    IF v_order.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-unknown';
    END IF;
    SELECT * INTO v_site FROM sites WHERE id = v_order.site_id;
    IF p_site <> v_order.site_id OR NOT EXISTS (
        SELECT FROM unnest(p_paths) AS path
         WHERE v_site.managing_path = path OR starts_with(v_site.managing_path, path || '.')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-for-another-site',
            DETAIL = json_build_object('site', v_site.name)::text;
    END IF;
    v_branch := coalesce((SELECT name FROM organisations WHERE id = v_order.branch_id), v_order.group_name);

    SELECT * INTO v_same FROM check_ins WHERE id = p_check_in;
    IF v_same.order_id <> v_order.id THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'idempotency-key-reused';
    END IF;
    IF v_same.id IS NULL THEN
        -- The use that a second one is told of: that of one of the same members, or the first.
        SELECT * INTO v_first FROM check_ins
         WHERE order_id = v_order.id AND state = 'valid'
         ORDER BY coalesce(member_ids && p_members, false) DESC, is_more, happened_at, id LIMIT 1;
        IF p_members <@ ARRAY(SELECT member_id FROM order_members WHERE order_id = v_order.id) AND NOT EXISTS (
            SELECT FROM check_ins WHERE order_id = v_order.id AND state = 'valid' AND member_ids IS NULL
        ) THEN
            v_members := ARRAY(
                SELECT unnest(p_members)
                EXCEPT SELECT unnest(member_ids) FROM check_ins WHERE order_id = v_order.id AND state = 'valid'
                ORDER BY 1
            );
            v_count := cardinality(v_members);
            v_is_named := v_count > 0;
        END IF;
        IF p_revision <> v_order.voucher_revision THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-superseded';
        ELSIF v_count = 0
            OR v_first.id IS NOT NULL AND NOT ((p_is_more OR v_is_named) AND v_order.state = 'confirmed')
        THEN
            v_used_at := to_char(v_first.happened_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI');
            v_used_by := coalesce((
                SELECT name FROM devices WHERE site_id = v_first.site_id AND id::text = v_first.device_id
            ), v_first.by_name);
            v_used_count := CASE WHEN v_first.member_ids && p_members THEN v_first.count ELSE v_order.checked_in END;
            IF p_way = 'self' THEN
                RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'already-inside', DETAIL = json_build_object(
                    'used_at', v_used_at, 'site', v_site.name, 'count', v_used_count, 'by', v_used_by)::text;
            END IF;
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-used', DETAIL = json_build_object(
                'used_at', v_used_at, 'site', v_site.name, 'count', v_used_count, 'by', v_used_by)::text;
        ELSIF v_order.state <> 'confirmed' THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'voucher-cancelled',
                DETAIL = json_build_object('state', v_order.state)::text;
        ELSIF p_happened_at < v_order.starts_at - interval '30 minutes' THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'too-early', DETAIL = json_build_object(
                'starts_at', to_char(v_order.starts_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
            )::text;
        ELSIF p_happened_at > v_order.ends_at AND p_reason IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'too-late', DETAIL = json_build_object(
                'ends_at', to_char(v_order.ends_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
            )::text;
        END IF;

        v_came := coalesce(v_order.checked_in, 0) + v_count;
        IF v_came > v_order.seats THEN
            BEGIN
                PERFORM take_seats(v_order.slot_id, v_came - v_order.seats, 0, 'door', p_at);
            EXCEPTION WHEN SQLSTATE 'ZH001' THEN
                RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'over-party',
                    DETAIL = json_build_object('count', v_came, 'party_size', v_order.party_size)::text;
            END;
        END IF;
        UPDATE orders SET checked_in = v_came, seats = greatest(seats, v_came), version = version + 1
         WHERE id = v_order.id;
        INSERT INTO check_ins (
            id, order_id, site_id, count, member_ids, happened_at, recorded_at, by_id, by_name, device_id,
            state, is_more, reason, way, device_at, revision, distance_m
        ) VALUES (
            p_check_in, v_order.id, v_order.site_id, v_count, v_members, p_happened_at, p_at, p_by, p_by_name, p_device,
            'valid', v_first.id IS NOT NULL, p_reason, p_way, p_device_at, v_order.voucher_revision, p_distance_m
        ) RETURNING * INTO v_same;
    END IF;

    IF p_audit IS NOT NULL THEN
        INSERT INTO audit_waiting (record)
        VALUES (jsonb_insert(p_audit::jsonb, '{targets,0}', to_jsonb(v_order.id)));
    END IF;
    v_answer := convert_to(json_build_object(
        'id', v_same.id, 'order_id', v_order.id, 'count', v_same.count, 'happened_at', v_same.happened_at,
        'recorded_at', v_same.recorded_at, 'site', json_build_object('id', v_site.id, 'name', v_site.name),
        'party_size', v_order.party_size, 'branch_name', v_branch,
        'state', v_same.state, 'flag', v_same.flag, 'is_more', v_same.is_more, 'way', v_same.way,
        'by_name', v_same.by_name, 'device_id', v_same.device_id, 'reason', v_same.reason
    )::text, 'UTF8');
    UPDATE commands SET answer = v_answer WHERE id = p_command;
    RETURN v_answer;
END
$$;
