-- Purge the personal data of at most so many people of a purge whose time is over and with whom nothing is open. The
-- rows of some tables are never changed by the service; this function, which is the owner's, takes words out of them for
-- people who are marked as purged, and nothing else. Who was purged before is not found again.
CREATE OR REPLACE FUNCTION purge_people(p_purge uuid, p_at timestamptz, p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_purge purges;
    v_on date := (p_at AT TIME ZONE 'Asia/Shanghai')::date;
    v_people uuid[];
    v_numbers integer;
    v_phones integer;
    v_words integer;
    v_rows integer;
    v_sessions integer;
    v_accounts integer;
BEGIN
    SELECT * INTO v_purge FROM purges WHERE id = p_purge FOR UPDATE;
    SELECT array_agg(id) INTO v_people FROM (
        SELECT p.id FROM people p
         WHERE p.id IN (SELECT person_id FROM due_for_purge(v_purge.left_before, v_purge.deceased_before))
           AND p.purged_at IS NULL AND open_business(p.id, v_on) = '{}'
         ORDER BY p.id LIMIT p_most FOR UPDATE OF p SKIP LOCKED) AS locked;
    -- Looked at again now that nobody can begin anything with them.
    SELECT array_agg(id) INTO v_people FROM unnest(v_people) AS one (id) WHERE open_business(id, v_on) = '{}';
    IF v_people IS NULL THEN
        RETURN 0;
    END IF;
    SELECT count(identity_number), count(phone) INTO v_numbers, v_phones FROM people WHERE id = ANY(v_people);
    UPDATE people
       SET name = '（已清除）', ethnicity = NULL, born_year = extract(year FROM born_on), born_on = NULL,
           native_place = NULL, work_unit = NULL, identity_number = NULL, identity_index = NULL, identity_masked = NULL,
           phone = NULL, phone_index = NULL, phone_masked = NULL, sealed_with = NULL, indexed_with = NULL,
           file_place = NULL, file_checked_on = NULL, purged_at = p_at, purged_in = p_purge, version = version + 1
     WHERE id = ANY(v_people);
    DELETE FROM likely_duplicates WHERE person_id = ANY(v_people) OR other_id = ANY(v_people);

    UPDATE member_moves SET reason = NULL WHERE person_id = ANY(v_people) AND reason IS NOT NULL;
    GET DIAGNOSTICS v_words = ROW_COUNT;
    UPDATE member_facts SET note = NULL WHERE person_id = ANY(v_people) AND note IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    UPDATE development_steps
       SET note = NULL, struck_because = CASE WHEN struck_because IS NOT NULL THEN '（已清除）' END
     WHERE person_id = ANY(v_people) AND (note IS NOT NULL OR struck_because IS NOT NULL);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    UPDATE transfers
       SET reason = '（已清除）', decision = CASE WHEN decision IS NOT NULL THEN '（已清除）' END
     WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;

    UPDATE dues_corrections SET reason = '（已清除）' WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    UPDATE dues_payments SET reason = '（已清除）' WHERE person_id = ANY(v_people) AND reason IS NOT NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    UPDATE dues_notes SET note = '（已清除）' WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    UPDATE dues_reliefs SET reason = '（已清除）', ended_because = CASE WHEN ended_because IS NOT NULL THEN '（已清除）' END
     WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_words := v_words + v_rows;
    -- What was owed and paid stays; what somebody earned goes.
    UPDATE dues_bases SET amount_fen = NULL, ground = NULL WHERE person_id = ANY(v_people);

    DELETE FROM external_identities WHERE person_id = ANY(v_people);
    UPDATE api_tokens SET name = '（已清除）', last_used_from = NULL WHERE person_id = ANY(v_people);
    DELETE FROM sessions WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_sessions = ROW_COUNT;
    DELETE FROM second_factors WHERE person_id = ANY(v_people);
    DELETE FROM password_history WHERE person_id = ANY(v_people);
    UPDATE accounts SET username = 'purged-' || person_id, password_hash = '!' WHERE person_id = ANY(v_people);
    GET DIAGNOSTICS v_accounts = ROW_COUNT;

    UPDATE purges SET persons = persons + cardinality(v_people), counts = jsonb_build_object(
        'identity_numbers', coalesce((counts ->> 'identity_numbers')::integer, 0) + v_numbers,
        'phones', coalesce((counts ->> 'phones')::integer, 0) + v_phones,
        'words', coalesce((counts ->> 'words')::integer, 0) + v_words,
        'sessions', coalesce((counts ->> 'sessions')::integer, 0) + v_sessions,
        'accounts', coalesce((counts ->> 'accounts')::integer, 0) + v_accounts)
     WHERE id = p_purge;
    RETURN cardinality(v_people);
END
$$;
