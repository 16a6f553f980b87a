-- The live allocation round that gives out a programme's times on a day; no row where they are ordered by whoever comes
-- first. Every way to seats asks it: sql/take_seats.sql, what placing reads, and the pages.
CREATE OR REPLACE FUNCTION allocation_round_of(p_site uuid, p_programme uuid, p_on date) RETURNS TABLE (
    id uuid, title text, draw_at timestamptz
)
LANGUAGE sql STABLE
AS $$
    SELECT r.id, r.title, r.draw_at
      FROM allocation_places a
      JOIN allocation_rounds r ON r.id = a.round_id
     WHERE a.is_live AND a.site_id = p_site AND a.days @> p_on
       AND (a.programme_ids IS NULL OR p_programme = ANY(a.programme_ids))
$$;
