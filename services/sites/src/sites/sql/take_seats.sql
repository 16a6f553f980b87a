-- Take seats, and a place among the groups, of one slot: the only way to them, for orders, growing parties, offers and
-- whoever comes over party. Raises not-found, slot-closed, not-yet-bookable, slot-past, groups-full, slot-full, busy;
-- in-allocation-round where a round gives the slot out.
--
-- p_for says which of the slot's times bind:
--   order       a new order, a move to this slot, an offer: from bookable_from to bookable_until
--   growth      more seats for an order of this slot: until change_until, or bookable_until where none is set
--   allocation  the draw of the round that gives the slot out: until bookable_until
--   walk_in     a party that stands at the door with no order: until the visit's end, also where notice is over
--   door        those who came over party: only the seats bind
-- p_starts_at and p_confirmation, where given, are what the caller has read of the slot; it raises busy when the slot
-- has changed since. The slot's row stays locked until the transaction ends, so holds are given back once.
CREATE OR REPLACE FUNCTION take_seats(
    p_slot uuid,
    p_seats integer,
    p_groups integer,
    p_for text,
    p_at timestamptz,
    p_starts_at timestamptz DEFAULT NULL,
    p_confirmation text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_slot slots;
    v_limit timestamptz;
    v_round record;
BEGIN
    -- Nearly always: nothing is held, and one statement does it.
    IF p_for = 'order' THEN
        UPDATE slots
           SET seats_taken = seats_taken + p_seats, groups_taken = groups_taken + p_groups
         WHERE id = p_slot
           AND seats_held = 0
           AND seats_taken + p_seats <= seats
           AND (groups_max IS NULL OR groups_taken + p_groups <= groups_max)
           AND closed_reason IS NULL
           AND bookable_until > p_at
           AND (bookable_from IS NULL OR bookable_from <= p_at)
           AND starts_at = coalesce(p_starts_at, starts_at)
           AND confirmation = coalesce(p_confirmation, confirmation)
           AND NOT EXISTS (SELECT FROM allocation_round_of(site_id, programme_id, visit_on));
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    SELECT * INTO v_slot FROM slots WHERE id = p_slot FOR NO KEY UPDATE;
    IF v_slot.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'not-found';
    END IF;
    IF p_for <> 'door' THEN
        v_limit := CASE p_for WHEN 'growth' THEN coalesce(v_slot.change_until, v_slot.bookable_until)
                              WHEN 'walk_in' THEN v_slot.ends_at
                              ELSE v_slot.bookable_until END;
        IF v_slot.closed_reason IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'slot-closed',
                DETAIL = json_build_object('reason', v_slot.closed_reason)::text;
        ELSIF v_limit <= p_at THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'slot-past', DETAIL = json_build_object(
                'bookable_until', to_char(v_limit AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'))::text;
        ELSIF p_for = 'order' AND v_slot.bookable_from > p_at THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'not-yet-bookable', DETAIL = json_build_object(
                'bookable_from', to_char(v_slot.bookable_from AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
            )::text;
        END IF;
        IF p_for <> 'allocation' THEN
            SELECT * INTO v_round FROM allocation_round_of(v_slot.site_id, v_slot.programme_id, v_slot.visit_on);
            IF FOUND THEN
                RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'in-allocation-round', DETAIL = json_build_object(
                    'title', v_round.title, 'round_id', v_round.id,
                    'draw_at', to_char(v_round.draw_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'))::text;
            END IF;
        END IF;
        IF v_slot.starts_at <> p_starts_at OR v_slot.confirmation <> p_confirmation THEN
            -- Moved, or its way of confirming changed, between the caller's read and now: a retry reads anew.
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'busy';
        END IF;
    END IF;

    -- Whoever takes seats gives back the slot's expired holds in the same statement.
    WITH expired AS (
        UPDATE holds SET state = 'expired', ended_at = p_at
         WHERE slot_id = p_slot AND state = 'live' AND ends_at <= p_at AND v_slot.seats_held > 0
        RETURNING seats, groups
    ), given AS (
        SELECT coalesce(sum(seats), 0) AS seats, coalesce(sum(groups), 0) AS groups FROM expired
    )
    UPDATE slots s
       SET seats_taken = s.seats_taken - given.seats + p_seats,
           seats_held = s.seats_held - given.seats,
           groups_taken = s.groups_taken - given.groups + p_groups
      FROM given
     WHERE s.id = p_slot
       AND s.seats_taken - given.seats + p_seats <= s.seats
       AND (p_groups = 0 OR s.groups_max IS NULL OR s.groups_taken - given.groups + p_groups <= s.groups_max);
    IF NOT FOUND THEN
        SELECT s.seats_taken - coalesce(sum(h.seats), 0), s.groups_taken - coalesce(sum(h.groups), 0)
          INTO v_slot.seats_taken, v_slot.groups_taken
          FROM slots s LEFT JOIN holds h ON h.slot_id = s.id AND h.state = 'live' AND h.ends_at <= p_at
         WHERE s.id = p_slot
         GROUP BY s.id;
        IF v_slot.seats - v_slot.seats_taken < p_seats THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'slot-full',
                DETAIL = json_build_object('seats_left', v_slot.seats - v_slot.seats_taken)::text;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'groups-full',
            DETAIL = json_build_object('groups_max', v_slot.groups_max)::text;
    END IF;
END
$$;
