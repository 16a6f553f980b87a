"""Access tokens of programs, accounts bound to identity providers, sign-ins that are under way there."""

from chassis.migrations import run_sql

revision = "20261127_0560"
down_revision = "20261127_0550"

TOKENS = """
CREATE TABLE api_tokens (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT api_tokens_person_id_fkey REFERENCES accounts,
    name text NOT NULL CONSTRAINT api_tokens_name CHECK (length(name) BETWEEN 1 AND 200),
    token_hash bytea NOT NULL CONSTRAINT api_tokens_token_hash_key UNIQUE,
    ends_with text NOT NULL,
    scope text[] NOT NULL CONSTRAINT api_tokens_scope CHECK (cardinality(scope) > 0),
    organisation_id uuid CONSTRAINT api_tokens_organisation_id_fkey REFERENCES organisations,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    last_used_from text,
    ended_at timestamptz,
    ended_by uuid,
    ended_reason text,
    CONSTRAINT api_tokens_lifetime CHECK (expires_at > made_at AND expires_at <= made_at + interval '366 days'),
    CONSTRAINT api_tokens_ended CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
);
CREATE INDEX api_tokens_person_id_idx ON api_tokens (person_id);
CREATE INDEX api_tokens_made_at_id_idx ON api_tokens (made_at, id);
"""

PROVIDERS = """
CREATE TABLE external_identities (
    id uuid PRIMARY KEY,
    issuer text NOT NULL,
    subject text NOT NULL,
    person_id uuid NOT NULL CONSTRAINT external_identities_person_id_fkey REFERENCES accounts,
    provider text NOT NULL,
    bound_at timestamptz NOT NULL,
    bound_by uuid NOT NULL,
    last_used_at timestamptz,
    CONSTRAINT external_identities_issuer_subject_key UNIQUE (issuer, subject),
    CONSTRAINT external_identities_issuer_person_id_key UNIQUE (issuer, person_id)
);
CREATE INDEX external_identities_person_id_idx ON external_identities (person_id);

CREATE TABLE provider_sign_ins (
    state_hash bytea PRIMARY KEY,
    binding_hash bytea NOT NULL,
    provider text NOT NULL,
    nonce text NOT NULL,
    code_verifier text NOT NULL,
    begun_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    taken_at timestamptz,
    ticket_hash bytea CONSTRAINT provider_sign_ins_ticket_hash_key UNIQUE,
    issuer text,
    subject text,
    vouched boolean NOT NULL DEFAULT false,
    CONSTRAINT provider_sign_ins_proved CHECK (
        (ticket_hash IS NULL) = (issuer IS NULL) AND (ticket_hash IS NULL) = (subject IS NULL)
        AND (ticket_hash IS NULL OR taken_at IS NOT NULL))
);
CREATE INDEX provider_sign_ins_expires_at_idx ON provider_sign_ins (expires_at);

ALTER TABLE sessions
    ADD COLUMN provider text,
    ADD COLUMN vouched boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT sessions_vouched CHECK (NOT vouched OR provider IS NOT NULL);

ALTER TABLE account_moves DROP CONSTRAINT account_moves_move;
ALTER TABLE account_moves ADD CONSTRAINT account_moves_move
    CHECK (move IN ('open', 'reopen', 'lock', 'unlock', 'close', 'reset_password', 'remove_second_factor',
                    'end_sessions', 'bind_identity', 'unbind_identity', 'recover'));
"""

POLICY = """
ALTER TABLE sign_in_policies
    ADD COLUMN token_days_max integer NOT NULL DEFAULT 365
        CONSTRAINT sign_in_policies_token_days_max CHECK (token_days_max BETWEEN 1 AND 365),
    ADD COLUMN tokens_max integer NOT NULL DEFAULT 10
        CONSTRAINT sign_in_policies_tokens_max CHECK (tokens_max BETWEEN 0 AND 100);
"""


def upgrade() -> None:
    """Add the tables, and the numbers of the policy that limit tokens."""
    run_sql(TOKENS)
    run_sql(PROVIDERS)
    run_sql(POLICY)
