-- Take what a device recorded while it had no network, all in one round trip. What happened at the door has happened:
-- nothing is refused for being early, late, double or cancelled, it is kept and judged. Only what is no voucher of ours
-- or another site's is not kept.
--
--   recorded ──▶ valid or duplicate   (settle_check_ins)
--            ──▶ flagged              until a person decides: cancelled, superseded, early, late, no_show, leaked
--
-- Locks: orders by id, then slots by id, then (a no-show that came after all) branches and funds. Each item carries
-- {n, check_in_id, order_id | code, revision, is_proven, is_leaked, count, member_ids, happened_at, device_at,
-- clock_offset_ms, is_more, reason, way, by_id, by_name, distance_m}. Sent again, an item gets its answer again.
-- Returns [{n, check_in_id, state, flag, order_id, ...}] in the sequence of the items; state `refused` carries `code`.
CREATE OR REPLACE FUNCTION record_check_ins(
    p_items jsonb, p_paths text[], p_site uuid, p_device text, p_unsubsidised jsonb, p_at timestamptz
) RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_named uuid[];   -- every order that an item names
    v_orders uuid[];  -- of them those at whose door the caller stands: nothing else is locked, judged or told of
    v_came check_ins;
BEGIN
    v_named := ARRAY(
        SELECT o.id FROM jsonb_array_elements(p_items) i JOIN orders o ON o.id = (i ->> 'order_id')::uuid
        UNION  -- not OR, for which all orders are read
        SELECT o.id FROM jsonb_array_elements(p_items) i JOIN orders o ON o.voucher = i ->> 'code'
    );
    v_orders := ARRAY(
        SELECT o.id FROM orders o JOIN sites s ON s.id = o.site_id
         WHERE o.id = ANY (v_named) AND (p_site IS NULL OR p_site = o.site_id)
           AND EXISTS (SELECT FROM unnest(p_paths) AS path
                        WHERE s.managing_path = path OR starts_with(s.managing_path, path || '.'))
         ORDER BY o.id FOR NO KEY UPDATE OF o
    );
    PERFORM 1 FROM slots WHERE id IN (SELECT slot_id FROM orders WHERE id = ANY (v_orders))
      ORDER BY id FOR NO KEY UPDATE;

    INSERT INTO check_ins (
        id, order_id, site_id, count, member_ids, happened_at, recorded_at, by_id, by_name, device_id,
        state, flag, is_more, reason, way, device_at, clock_offset_ms, was_offline, revision,
        distance_m
    )
    SELECT i.check_in_id, o.id, o.site_id, i.count,
           CASE WHEN i.member_ids IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(i.member_ids)::uuid) END,
           i.happened_at, p_at, i.by_id, i.by_name, p_device,
           CASE WHEN f.flag IS NULL THEN 'duplicate' ELSE 'flagged' END,  -- settled below
           f.flag, i.is_more, i.reason, i.way, i.device_at, i.clock_offset_ms, true,
           coalesce(i.revision, o.voucher_revision), i.distance_m
      FROM jsonb_to_recordset(p_items) AS i (
               n integer, check_in_id uuid, order_id uuid, code text, revision integer, is_leaked boolean, count integer,
               member_ids jsonb, happened_at timestamptz, device_at timestamptz, clock_offset_ms bigint,
               is_more boolean, reason text, way text, by_id uuid, by_name text, distance_m integer
           )
      JOIN orders o ON o.id = ANY (v_orders) AND (o.id = i.order_id OR o.voucher = i.code)
     CROSS JOIN LATERAL (
         SELECT CASE
             WHEN o.state NOT IN ('confirmed', 'used', 'no_show') THEN 'cancelled'
             WHEN i.is_leaked THEN 'leaked'
             WHEN i.revision <> o.voucher_revision THEN 'superseded'
             WHEN i.happened_at < o.starts_at - interval '30 minutes' THEN 'early'
             WHEN i.happened_at > o.ends_at AND i.reason IS NULL THEN 'late'
             WHEN o.state = 'no_show' THEN 'no_show'
         END AS flag
     ) f
     ORDER BY i.n
    ON CONFLICT (id) DO NOTHING;

    PERFORM settle_check_ins(id, p_at) FROM unnest(v_orders) AS id;

    -- A party that came while the device had no network was no no-show; three days are the time to close a visit.
    -- All branches are locked before the first fund, as whoever places an order does.
    PERFORM 1 FROM organisations
      WHERE id IN (SELECT branch_id FROM orders WHERE id = ANY (v_orders) AND state = 'no_show')
      ORDER BY id FOR NO KEY UPDATE;
    PERFORM lock_caps(v_orders);
    FOR v_came IN
        SELECT DISTINCT ON (c.order_id) c.*
          FROM check_ins c JOIN orders o ON o.id = c.order_id
         WHERE c.order_id = ANY (v_orders) AND c.state = 'flagged' AND c.flag = 'no_show' AND o.state = 'no_show'
           AND c.decided_at IS NULL AND o.ends_at > p_at - interval '3 days'
         ORDER BY c.order_id, c.happened_at, c.id
    LOOP
        BEGIN
            PERFORM restore_order(v_came.order_id, true, '离线核验补传', p_unsubsidised, p_at, v_came.by_id, v_came.by_name);
            UPDATE check_ins SET state = 'duplicate', flag = NULL
             WHERE order_id = v_came.order_id AND state = 'flagged' AND flag = 'no_show' AND decided_at IS NULL;
            PERFORM settle_check_ins(v_came.order_id, p_at);
        EXCEPTION WHEN SQLSTATE 'ZH001' THEN
            NULL;  -- no seats or no money any more: it stays flagged, and a person decides
        END;
    END LOOP;

    RETURN coalesce((
        SELECT jsonb_agg(jsonb_build_object(
                   'check_in_id', i.check_in_id,
                   'state', CASE WHEN m.id IS NULL OR c.order_id <> m.id THEN 'refused' ELSE c.state END,
                   'flag', CASE WHEN c.order_id = m.id THEN c.flag END,
                   'code', CASE WHEN o.id IS NULL THEN 'voucher-unknown'
                                WHEN m.id IS NULL THEN 'voucher-for-another-site'
                                WHEN c.order_id <> m.id THEN 'idempotency-key-reused' END,
                   'order_id', m.id,
                   'order_state', m.state,
                   'site', s.name,
                   'branch_name', coalesce(b.name, m.group_name),
                   'party_size', m.party_size,
                   'checked_in', m.checked_in,
                   'valid', CASE WHEN v.id IS NOT NULL AND v.id <> i.check_in_id THEN jsonb_build_object(
                       'id', v.id, 'happened_at', v.happened_at, 'count', v.count, 'by_name', v.by_name,
                       'device', (SELECT name FROM devices WHERE site_id = v.site_id AND id::text = v.device_id)) END
               ) ORDER BY i.n)
          FROM jsonb_to_recordset(p_items) AS i (n integer, check_in_id uuid, order_id uuid, code text)
          LEFT JOIN orders o ON o.id = ANY (v_named) AND (o.id = i.order_id OR o.voucher = i.code)
          LEFT JOIN orders m ON m.id = o.id AND m.id = ANY (v_orders)
          LEFT JOIN sites s ON s.id = o.site_id
          LEFT JOIN organisations b ON b.id = m.branch_id
          LEFT JOIN check_ins c ON c.id = i.check_in_id
          LEFT JOIN check_ins v ON v.order_id = m.id AND v.state = 'valid' AND NOT v.is_more
    ), '[]'::jsonb);
END
$$;
