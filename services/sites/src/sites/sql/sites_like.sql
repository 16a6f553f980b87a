-- Ids of the sites that a search finds: a part of the name, its pinyin or its initials, or something spelt nearly so.
-- A lower threshold than the server's 0.6: one wrong sign in a name of six leaves a likeness of 0.4.
CREATE OR REPLACE FUNCTION sites_like(p_text text) RETURNS TABLE (site_id uuid, likeness real)
LANGUAGE sql STABLE
SET pg_trgm.word_similarity_threshold = 0.39
AS $$
    SELECT id, CASE WHEN search ILIKE pattern THEN 1 ELSE word_similarity(p_text, search) END::real
      FROM sites,
           LATERAL (SELECT '%' || replace(replace(replace(p_text, '\', '\\'), '%', '\%'), '_', '\_') || '%') AS like_it (pattern)
     WHERE search ILIKE pattern OR p_text <% search
$$;
