-- Until when each order of a branch is confirmed by hand because its parties did not come; none when it is not.
-- A no-show counts from the instant at which it is one, 30 minutes after its slot's end, whether or not the timer has
-- come by; an excused one does not count. Of the row of order_rules in force: so many within so many days.
CREATE OR REPLACE FUNCTION by_hand_until(p_branch uuid, p_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_rules order_rules;
    v_until timestamptz;
BEGIN
    IF p_branch IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO v_rules FROM order_rules
     WHERE effective_from <= (p_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY effective_from DESC LIMIT 1;
    SELECT max(missed.ends_at) + interval '30 minutes' + v_rules.by_hand_days * interval '1 day' INTO v_until
      FROM (
          SELECT found.ends_at, lag(found.ends_at, v_rules.no_shows_max - 1) OVER (ORDER BY found.ends_at) AS first_at
            FROM (
                SELECT ends_at FROM orders
                 WHERE branch_id = p_branch AND state = 'no_show' AND NOT no_show_excused
                   AND ends_at > p_at - (v_rules.no_show_days + v_rules.by_hand_days + 1) * interval '1 day'
                UNION ALL
                SELECT ends_at FROM orders
                 WHERE branch_id = p_branch AND state = 'confirmed' AND checked_in IS NULL
                   AND ends_at <= p_at - interval '30 minutes'
            ) found
      ) missed
     WHERE missed.ends_at - missed.first_at <= v_rules.no_show_days * interval '1 day';
    RETURN CASE WHEN v_until > p_at THEN v_until END;
END
$$;
