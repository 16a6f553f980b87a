-- Let an order take over the seats that a hold keeps: they stay taken and are no longer held. Raises offer-over when
-- the hold has ended or is past its end, slot-closed when the slot was closed meanwhile. Locks slot, then hold.
--
--   live ──take──▶ taken
CREATE OR REPLACE FUNCTION take_hold(p_hold uuid, p_slot uuid, p_order uuid, p_at timestamptz) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_slot slots;
    v_hold holds;
BEGIN
    SELECT * INTO v_slot FROM slots WHERE id = p_slot FOR NO KEY UPDATE;
    IF v_slot.closed_reason IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'slot-closed',
            DETAIL = json_build_object('reason', v_slot.closed_reason)::text;
    END IF;
    UPDATE holds SET state = 'taken', ended_at = p_at
     WHERE id = p_hold AND slot_id = p_slot AND state = 'live' AND ends_at > p_at
    RETURNING * INTO v_hold;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'offer-over';
    END IF;
    UPDATE slots SET seats_held = seats_held - v_hold.seats WHERE id = p_slot;
    UPDATE waiting_entries SET state = 'ordered', order_id = p_order, ended_at = p_at
     WHERE hold_id = p_hold AND state = 'offered';
END
$$;
