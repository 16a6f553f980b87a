-- The audit's tables: who did or saw what, when, from where, through which request.
--
-- A command's record is written with the command, into audit_waiting; *work* numbers the waiting ones and moves them
-- into audit_records, each sealed with the seal of the one before.

CREATE TABLE audit_waiting (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_waiting_pkey PRIMARY KEY,
    record jsonb NOT NULL
);

-- Refusals that matter, counted by the minute until *work* passes them on, so that nobody fills the disk by knocking.
CREATE TABLE audit_refusals (
    minute timestamptz NOT NULL,
    key text NOT NULL,
    record jsonb NOT NULL,
    times integer NOT NULL DEFAULT 1,
    CONSTRAINT audit_refusals_pkey PRIMARY KEY (minute, key)
);

CREATE TABLE audit_records (
    number bigint NOT NULL CONSTRAINT audit_records_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    door text NOT NULL,
    outcome text NOT NULL,
    person_id uuid,
    session_id uuid,
    place text,
    address text NOT NULL,
    request_id text NOT NULL,
    command_id uuid,
    targets uuid[] NOT NULL,
    fields text[] NOT NULL,
    times integer NOT NULL CONSTRAINT audit_records_times CHECK (times > 0),
    hash bytea NOT NULL CONSTRAINT audit_records_hash CHECK (length(hash) = 32)
);
CREATE INDEX audit_records_at_idx ON audit_records (at, number);
CREATE INDEX audit_records_person_idx ON audit_records (person_id, at, number);
CREATE INDEX audit_records_door_idx ON audit_records (door, at, number);
CREATE INDEX audit_records_outcome_idx ON audit_records (outcome, at, number);
CREATE INDEX audit_records_address_idx ON audit_records (address, at, number);
CREATE INDEX audit_records_request_idx ON audit_records (request_id);
CREATE INDEX audit_records_targets_idx ON audit_records USING gin (targets);

CREATE TABLE audit_checkpoints (
    number bigint NOT NULL CONSTRAINT audit_checkpoints_pkey PRIMARY KEY,
    hash bytea NOT NULL,
    made_at timestamptz NOT NULL
);

-- How long records are kept: the law asks for six months at least, and the database holds to it.
CREATE TABLE audit_rules (
    active_from date NOT NULL CONSTRAINT audit_rules_pkey PRIMARY KEY,
    kept_months integer NOT NULL CONSTRAINT audit_rules_kept_months CHECK (kept_months BETWEEN 6 AND 1200),
    citation text NOT NULL CONSTRAINT audit_rules_citation CHECK (length(citation) BETWEEN 1 AND 200),
    set_at timestamptz NOT NULL,
    set_by uuid
);
INSERT INTO audit_rules (active_from, kept_months, citation, set_at)
VALUES ('2020-01-01', 36, '《中华人民共和国网络安全法》（2016年）第二十一条第三项：网络日志留存不少于六个月；本系统默认三年', now());

CREATE TABLE audit_removals (
    until_number bigint NOT NULL CONSTRAINT audit_removals_pkey PRIMARY KEY,
    from_number bigint NOT NULL,
    hash bytea NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    kept_months integer NOT NULL,
    removed_at timestamptz NOT NULL
);

-- Records never change. They go only when they are older than six months and their removal is written down.
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '6 months'
        AND EXISTS (SELECT FROM audit_removals WHERE OLD.number BETWEEN from_number AND until_number)
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are only added, never changed or removed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON audit_records FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER refuse_change_all BEFORE TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Remove the oldest records that the rule in force keeps no longer, at most so many, and write the removal down: its
-- last seal is what the chain begins with from then on. Returns how many went. The service may not delete them itself.
CREATE FUNCTION remove_audit_records(p_at timestamptz, p_most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_months integer;
    v_before timestamptz;
    v_from bigint;
    v_until bigint;
BEGIN
    SELECT kept_months INTO v_months FROM audit_rules
     WHERE active_from <= (p_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY active_from DESC LIMIT 1;
    v_before := least(p_at, now()) - make_interval(months => greatest(v_months, 6));
    SELECT min(number) INTO v_from FROM audit_records;
    IF v_from IS NULL OR v_before IS NULL THEN
        RETURN 0;
    END IF;
    SELECT coalesce(min(number) FILTER (WHERE at >= v_before) - 1, max(number)) INTO v_until
      FROM audit_records WHERE number < v_from + p_most;
    IF v_until < v_from THEN
        RETURN 0;
    END IF;
    INSERT INTO audit_removals (until_number, from_number, hash, first_at, last_at, kept_months, removed_at)
    SELECT v_until, v_from, (SELECT hash FROM audit_records WHERE number = v_until), min(at), max(at), v_months, p_at
      FROM audit_records WHERE number BETWEEN v_from AND v_until;
    DELETE FROM audit_records WHERE number BETWEEN v_from AND v_until;
    RETURN v_until - v_from + 1;
END
$$;
