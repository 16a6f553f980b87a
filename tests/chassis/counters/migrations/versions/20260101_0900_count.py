"""Count."""

from alembic import op
from chassis.migrations import audit_tables, chassis_tables, grant_rights, run_sql

revision = "20260101_0900"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    chassis_tables()
    audit_tables()
    op.execute("CREATE TABLE counters (name text PRIMARY KEY, total integer NOT NULL)")
    op.execute(
        "CREATE TABLE heard (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL,"
        " counter text NOT NULL, amount integer NOT NULL)"
    )
    op.execute(
        "CREATE TABLE ticks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, process text NOT NULL,"
        " at timestamptz NOT NULL)"
    )
    run_sql(ADD_FAST)
    grant_rights("counters", append_only=["ticks"])


ADD_FAST = """
CREATE FUNCTION add_fast(
    command_id uuid, hash bytea, counter text, amount integer, pause_s float8
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    done commands;
    reached integer;
BEGIN
    INSERT INTO commands (id, door, body_hash, created_at) VALUES (command_id, 'add_fast', hash, now())
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO done FROM commands WHERE id = command_id;
        IF done.body_hash <> hash THEN
            RAISE EXCEPTION USING ERRCODE = 'ZH000', MESSAGE = 'idempotency-key-reused';
        END IF;
        RETURN convert_from(done.answer, 'UTF8');
    END IF;
    PERFORM pg_sleep(pause_s);
    INSERT INTO counters (name, total) VALUES (counter, amount)
    ON CONFLICT (name) DO UPDATE SET total = counters.total + excluded.total
    RETURNING total INTO reached;
    IF reached > 100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'ZH001', MESSAGE = 'counter-full',
            DETAIL = json_build_object('room', 100 - (reached - amount))::text;
    END IF;
    UPDATE commands SET answer = convert_to(json_build_object('counter', counter, 'total', reached)::text, 'UTF8')
    WHERE id = command_id;
    RETURN json_build_object('counter', counter, 'total', reached)::text;
END
$$;
"""
