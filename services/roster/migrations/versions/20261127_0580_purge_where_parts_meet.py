"""The purge takes what dues, tokens and identity providers keep of somebody; open dues and elections keep them."""

from importlib import resources

from chassis.migrations import run_sql

revision = "20261127_0580"
down_revision = "20261127_0570"
branch_labels = None
depends_on = None

KEPT = """
ALTER TABLE dues_bases ALTER COLUMN amount_fen DROP NOT NULL;

-- Entries about dues are never changed, but for the words and the base of somebody whose personal data was purged.
CREATE FUNCTION keep_dues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_words text[] := ARRAY['reason', 'note', 'ground', 'amount_fen'];
BEGIN
    IF TG_TABLE_NAME <> 'dues_bases' THEN
        v_words := v_words[1:3];
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - v_words = to_jsonb(OLD) - v_words
        AND EXISTS (SELECT FROM people WHERE id = OLD.person_id AND purged_at IS NOT NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are only added, never changed or removed', TG_TABLE_NAME USING ERRCODE = '42501';
END
$$;
"""

TABLES = ("dues_bases", "dues_corrections", "dues_payments", "dues_notes")


def upgrade() -> None:
    """Let the purge, and nothing else, into the entries about dues."""
    run_sql(KEPT)
    for table in TABLES:
        run_sql(
            f"DROP TRIGGER refuse_change ON {table};"
            f" CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION keep_dues()"
        )
    for name in ("open_business", "purge_people"):
        run_sql(resources.files("roster").joinpath(f"sql/{name}.sql").read_text())
