-- Which funds bear a branch's visits on a day, the first to be asked first: [{"fund_id", "name", "percent",
-- "available_fen", "granted_fen", "used_fen"}, …]; NULL where none does. The rule nearest above the branch says so, the newest of that place; where there is no rule the
-- nearest fund pays alone (of several of one place the first by code), and what it has left is not looked at (null): the guard of the write knows.
CREATE OR REPLACE FUNCTION funding_of(p_path text, p_on date) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_rule uuid;
    v_shares jsonb;
BEGIN
    SELECT r.id INTO v_rule
      FROM funding_rules r
     WHERE r.state = 'adopted' AND r.active_from <= p_on
       AND (p_path = r.path OR starts_with(p_path, r.path || '.'))
     ORDER BY length(r.path) DESC, r.active_from DESC
     LIMIT 1;
    IF FOUND THEN
        SELECT jsonb_agg(jsonb_build_object('fund_id', s.fund_id, 'name', f.name, 'percent', s.percent,
                                            'available_fen', coalesce(y.available_fen, 0),
                                            'granted_fen', coalesce(y.appropriated_fen + y.brought_fen, 0),
                                            'used_fen', coalesce(y.appropriated_fen + y.brought_fen - y.carried_fen
                                                                 - y.returned_fen - y.available_fen, 0))
                         ORDER BY s.position)
          INTO v_shares
          FROM funding_shares s
          JOIN funds f ON f.id = s.fund_id
          LEFT JOIN fund_years y ON y.fund_id = s.fund_id AND y.year = extract(year FROM p_on)
         WHERE s.rule_id = v_rule;
        RETURN v_shares;
    END IF;
    SELECT jsonb_build_array(jsonb_build_object('fund_id', f.id, 'name', f.name, 'percent', 100, 'available_fen', NULL))
      INTO v_shares
      FROM funds f
     WHERE p_path = f.path OR starts_with(p_path, f.path || '.')
     ORDER BY length(f.path) DESC, f.code
     LIMIT 1;
    RETURN v_shares;
END
$$;
