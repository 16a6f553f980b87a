-- What is still open with somebody, so that their personal data must stay: one word for each kind. A new kind of business
-- adds its line here; nobody whose list is not empty is ever purged.
CREATE OR REPLACE FUNCTION open_business(p_person uuid, p_on date) RETURNS text[] LANGUAGE sql STABLE AS $$
SELECT array_remove(ARRAY[
    CASE WHEN EXISTS (SELECT FROM members WHERE person_id = p_person) THEN 'membership' END,
    CASE WHEN EXISTS (SELECT FROM developments WHERE person_id = p_person AND stage NOT IN ('full', 'ended'))
         THEN 'development' END,
    CASE WHEN EXISTS (SELECT FROM transfers WHERE person_id = p_person AND state = 'issued') THEN 'transfer' END,
    CASE WHEN EXISTS (SELECT FROM posts WHERE person_id = p_person AND held_until IS NULL) THEN 'post' END,
    CASE WHEN EXISTS (SELECT FROM grants WHERE person_id = p_person AND ended_at IS NULL
                         AND (active_until IS NULL OR active_until > p_on)) THEN 'role' END,
    CASE WHEN EXISTS (SELECT FROM accounts WHERE person_id = p_person AND state <> 'closed') THEN 'account' END,
    CASE WHEN EXISTS (SELECT FROM dues_obligations WHERE person_id = p_person AND payment_id IS NULL AND due_fen > 0)
         THEN 'dues' END,
    CASE WHEN EXISTS (SELECT FROM election_candidates c JOIN elections e ON e.id = c.election_id
                       WHERE c.person_id = p_person AND e.state NOT IN ('effective', 'refused', 'cancelled'))
         THEN 'election' END
], NULL)
$$;
