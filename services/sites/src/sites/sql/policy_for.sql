-- A policy as it meets one site: its row, with the site's factor and whether the policy applies to its kind.
-- {"factor": text, "applies": boolean} beside the columns of policies; null for no policy.
CREATE OR REPLACE FUNCTION policy_for(p_policy policies, p_site sites) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT to_jsonb(p_policy) || jsonb_build_object(
        'factor', (
            coalesce((p_policy.star_factors ->> p_site.star::text)::numeric, 1)
            * coalesce((p_policy.category_factors ->> p_site.category)::numeric, 1)
            * coalesce((p_policy.grade_factors ->> p_site.grade)::numeric, 1)
        )::text,
        'applies', p_policy.site_kinds = '{}' OR p_site.kind = ANY (p_policy.site_kinds)
    )
$$;
