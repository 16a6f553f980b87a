-- Which of several funds pays a site, when each has enough: the first with a share.
CREATE OR REPLACE FUNCTION paying_fund(p_shares jsonb) RETURNS uuid
LANGUAGE sql IMMUTABLE
AS $$
    SELECT (share ->> 'fund_id')::uuid
      FROM jsonb_array_elements(p_shares) WITH ORDINALITY AS each (share, place)
     WHERE (share ->> 'percent')::integer > 0
     ORDER BY place LIMIT 1
$$;
