-- Two people of one name and one birthday are likely to be one: found when either is written, so that the list of them
-- costs no more than what it shows. A pair that no longer agrees goes, unless somebody has told the two apart.
CREATE OR REPLACE FUNCTION find_likely_duplicates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM likely_duplicates d USING entered n
         WHERE n.id IN (d.person_id, d.other_id) AND d.told_apart_at IS NULL
           AND NOT EXISTS (
               SELECT FROM people a JOIN people b ON b.id = d.other_id
                WHERE a.id = d.person_id AND a.name = b.name AND a.born_on = b.born_on);
    END IF;
    INSERT INTO likely_duplicates (person_id, other_id)
    SELECT DISTINCT least(n.id, p.id), greatest(n.id, p.id)
      FROM entered n JOIN people p ON p.name = n.name AND p.born_on = n.born_on AND p.id <> n.id
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
