-- Everything that placing an order reads, in one row; none when the slot does not exist or its site is not open.
-- A plpgsql function, because its plan is then kept by each connection.
CREATE OR REPLACE FUNCTION order_facts(p_slot uuid, p_branch uuid, p_command uuid, p_at timestamptz) RETURNS TABLE (
    site_id uuid,
    site_name text,
    programme_id uuid,
    programme text,
    theme text,
    starts_at timestamptz,
    ends_at timestamptz,
    visit_on date,
    bookable_from timestamptz,
    bookable_until timestamptz,
    cancel_until timestamptz,
    closed_reason text,
    round_id uuid,
    round_title text,
    round_draw_at timestamptz,
    seats integer,
    seats_taken integer,
    seats_held integer,
    groups_max integer,
    groups_taken integer,
    confirmation text,
    branch_name text,
    branch_path text,
    branch_is_external boolean,
    open_orders_max integer,
    subsidised_a_month_max integer,
    by_hand_until timestamptz,
    funding jsonb,
    policy jsonb,
    public_days jsonb,
    done_body_hash bytea,
    done_caller uuid,
    done_door text,
    done_answer bytea
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT s.site_id, site.name, s.programme_id, p.name, p.theme, s.starts_at, s.ends_at, s.visit_on,
           s.bookable_from, s.bookable_until,
           coalesce(s.cancel_until, s.starts_at - rules.late_cancel_hours * interval '1 hour'), s.closed_reason,
           round.id, round.title, round.draw_at,
           s.seats, s.seats_taken, s.seats_held, s.groups_max, s.groups_taken, s.confirmation,
           branch.name, branch.path, branch.is_external,
           quota.open_orders_max, quota.subsidised_a_month_max, by_hand.until,
           funding.shares, policy_for(policies, site)
               || jsonb_build_object(
                   'caps', caps_used(policies, s.site_id, p_branch, s.visit_on, paying_fund(funding.shares))),
           -- Until when the steward answers is counted in working days; an order is placed at most a year ahead.
           CASE WHEN s.confirmation = 'manual' OR by_hand.until IS NOT NULL THEN (
               SELECT jsonb_object_agg(h.day, h.kind)
                 FROM public_days h
                WHERE h.day BETWEEN s.visit_on - 400 AND s.visit_on + 14
           ) END,
           done.body_hash, done.caller, done.door, done.answer
      FROM slots s
      JOIN sites site ON site.id = s.site_id AND site.state = 'open'
      JOIN programmes p ON p.id = s.programme_id
      LEFT JOIN organisations branch ON branch.id = p_branch AND NOT branch.dissolved
      LEFT JOIN commands done ON done.id = p_command
      -- A branch from outside has no fund.
      LEFT JOIN LATERAL (
          SELECT funding_of(branch.path, s.visit_on) AS shares WHERE NOT branch.is_external
      ) funding ON true
      LEFT JOIN LATERAL allocation_round_of(s.site_id, s.programme_id, s.visit_on) round ON true
      CROSS JOIN LATERAL (SELECT by_hand_until(p_branch, p_at) AS until) by_hand
      LEFT JOIN policies ON daterange(policies.active_from, policies.active_until) @> s.visit_on
      CROSS JOIN LATERAL (
          SELECT * FROM quota_rules WHERE effective_from <= s.visit_on ORDER BY effective_from DESC LIMIT 1
      ) quota
      CROSS JOIN LATERAL (
          SELECT * FROM order_rules
           WHERE effective_from <= (p_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY effective_from DESC LIMIT 1
      ) rules
     WHERE s.id = p_slot;
END
$$;
