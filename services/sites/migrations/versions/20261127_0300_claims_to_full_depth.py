"""Claims with papers, marks, field reviews, appeals and a second signature (S11)."""

from importlib import resources

from chassis.migrations import forbid_changes, run_sql

revision = "20261127_0300"
down_revision = "20261127_0220"

STATES = """
('drafted', 'submitted', 'disputed', 'confirmed', 'signed', 'approved', 'batched', 'paid', 'returned', 'rejected',
 'lapsed')
"""

CLAIMS = """
ALTER TABLE claims DROP CONSTRAINT claims_state, ADD CONSTRAINT claims_state CHECK (state IN @states@);
ALTER TABLE claim_history DROP CONSTRAINT claim_history_state,
    ADD CONSTRAINT claim_history_state CHECK (state IN @states@),
    ADD COLUMN code text;
ALTER TABLE claims
    ADD COLUMN reason_code text,
    ADD COLUMN moved_at timestamptz,
    ADD COLUMN submitted_at timestamptz,
    ADD COLUMN is_late boolean NOT NULL DEFAULT false,
    ADD COLUMN is_own_branch boolean NOT NULL DEFAULT false,
    ADD COLUMN score integer NOT NULL DEFAULT 0,
    ADD COLUMN lowered_fen bigint NOT NULL DEFAULT 0,
    ADD COLUMN signed jsonb,
    ADD COLUMN signed_by_id uuid,
    ADD COLUMN signed_by text,
    ADD COLUMN rejected_by_id uuid;
UPDATE claims c SET moved_at = coalesce((SELECT max(h.at) FROM claim_history h WHERE h.claim_id = c.id), now()),
       submitted_at = (SELECT max(h.at) FROM claim_history h WHERE h.claim_id = c.id AND h.move = 'submit'),
       rejected_by_id = (SELECT h.by_id FROM claim_history h WHERE h.claim_id = c.id AND h.move = 'reject'
                         ORDER BY h.id DESC LIMIT 1);
ALTER TABLE claims
    ALTER COLUMN moved_at SET NOT NULL,
    ALTER COLUMN moved_at SET DEFAULT now(),
    ADD CONSTRAINT claims_score CHECK (score >= 0),
    ADD CONSTRAINT claims_lowered_fen CHECK (lowered_fen >= 0),
    ADD CONSTRAINT claims_signed_by_one CHECK (
        (signed_by_id IS NULL) = (signed_by IS NULL) AND (state = 'signed') = (signed IS NOT NULL)
        AND (state <> 'signed' OR signed_by_id IS NOT NULL)
    ),
    ADD CONSTRAINT claims_two_signatures CHECK (signed_by_id <> approved_by_id);
CREATE INDEX claims_waiting_idx ON claims (fund_id, moved_at, id)
    WHERE state IN ('confirmed', 'disputed', 'signed');
CREATE INDEX claims_period_idx ON claims (fund_id, period);
"""

# Numbers of the rules stand here with their source, from a day on.
RULES = """
CREATE TABLE claim_rules (
    active_from date CONSTRAINT claim_rules_pkey PRIMARY KEY,
    submit_by_day integer NOT NULL CONSTRAINT claim_rules_submit_by_day CHECK (submit_by_day BETWEEN 1 AND 28),
    appeal_days integer NOT NULL CONSTRAINT claim_rules_appeal_days CHECK (appeal_days BETWEEN 1 AND 366),
    reason_score integer NOT NULL,
    medium_score integer NOT NULL,
    high_score integer NOT NULL,
    low_percent integer NOT NULL CONSTRAINT claim_rules_low_percent CHECK (low_percent BETWEEN 0 AND 100),
    medium_percent integer NOT NULL CONSTRAINT claim_rules_medium_percent CHECK (medium_percent BETWEEN 0 AND 100),
    high_percent integer NOT NULL CONSTRAINT claim_rules_high_percent CHECK (high_percent BETWEEN 0 AND 100),
    second_signature_fen bigint CONSTRAINT claim_rules_second_signature_fen CHECK (second_signature_fen > 0),
    citation text NOT NULL,
    CONSTRAINT claim_rules_scores CHECK (0 < medium_score AND medium_score < high_score AND reason_score > 0)
);
INSERT INTO claim_rules VALUES
    ('2020-01-01', 10, 15, 80, 30, 60, 5, 30, 100, NULL,
     '默认规则：次月10日前提交；15日内可申诉一次；疑点80分以上写明理由方可通过；'
     '抽查比例按疑点分：30分以下5%、30至59分30%、60分以上全查；不设双签金额（待区委组织部发文替换）');

CREATE TABLE anomaly_rules (
    rule text NOT NULL,
    active_from date NOT NULL,
    score integer NOT NULL CONSTRAINT anomaly_rules_score CHECK (score BETWEEN 0 AND 1000),
    numbers jsonb NOT NULL DEFAULT '{}',
    citation text NOT NULL,
    CONSTRAINT anomaly_rules_pkey PRIMARY KEY (rule, active_from)
);
INSERT INTO anomaly_rules VALUES
    ('member_twice', '2020-01-01', 80, '{}', '默认规则：同一党员同时在两处签到（待区委组织部发文替换）'),
    ('duplicate_invoice', '2020-01-01', 80, '{}', '财会〔2020〕6号：电子会计凭证不得重复入账'),
    ('duplicate_attachment', '2020-01-01', 50, '{}', '财会〔2020〕6号：同一凭证不得重复报销'),
    ('headcount_over_party', '2020-01-01', 10, '{}', '默认规则：办结人数多于点单人数'),
    ('headcount_over_roster', '2020-01-01', 20, '{}', '默认规则：办结人数多于支部党员人数'),
    ('far_check_in', '2020-01-01', 50, '{"distance_m": 1000}', '默认规则：签到位置距活动点超过1公里'),
    ('month_end_burst', '2020-01-01', 15, '{"days": 3, "claims": 8, "percent": 60}',
     '默认规则：该活动点当月补单有8单以上、六成以上集中在月末3天'),
    ('own_branch', '2020-01-01', 50, '{}', '默认规则：管理员与来访支部为同一人或同一单位'),
    ('device_at_many_sites', '2020-01-01', 25, '{"days": 1}', '默认规则：同一设备一天内在不同活动点签到'),
    ('check_in_outside_slot', '2020-01-01', 15, '{"minutes": 30}', '默认规则：签到早于开始前30分钟或晚于场次结束'),
    ('always_same_headcount', '2020-01-01', 10, '{"claims": 6}', '默认规则：该活动点近6单人数完全相同');

CREATE TABLE claim_anomalies (
    claim_id uuid NOT NULL CONSTRAINT claim_anomalies_claim_id_fkey REFERENCES claims,
    rule text NOT NULL,
    score integer NOT NULL,
    facts jsonb NOT NULL,
    other_claim_id uuid,
    found_at timestamptz NOT NULL,
    CONSTRAINT claim_anomalies_pkey PRIMARY KEY (claim_id, rule)
);
CREATE INDEX claim_anomalies_rule_idx ON claim_anomalies (rule, claim_id);
CREATE INDEX check_ins_member_ids_idx ON check_ins USING gin (member_ids) WHERE state = 'valid';
CREATE INDEX check_ins_device_idx ON check_ins (device_id, happened_at) WHERE device_id IS NOT NULL;

ALTER TABLE check_ins ADD COLUMN distance_m integer CONSTRAINT check_ins_distance_m CHECK (distance_m >= 0);
ALTER TABLE organisations ADD COLUMN members integer CONSTRAINT organisations_members CHECK (members >= 0);
-- It takes the distance as well now.
DROP FUNCTION IF EXISTS check_in(
    uuid, bytea, text, uuid, uuid, text, uuid, integer, integer, bytea, text[], uuid, integer, uuid[], boolean, text,
    text, timestamptz, timestamptz, text, uuid, text, timestamptz
);
"""

PAPERS = """
CREATE TABLE claim_attachments (
    id uuid CONSTRAINT claim_attachments_pkey PRIMARY KEY,
    claim_id uuid NOT NULL CONSTRAINT claim_attachments_claim_id_fkey REFERENCES claims,
    kind text NOT NULL
        CONSTRAINT claim_attachments_kind CHECK (kind IN ('invoice', 'receipt', 'appeal', 'other')),
    sha256 text NOT NULL,
    thumbnail_sha256 text,
    media_type text NOT NULL,
    name text NOT NULL,
    size integer NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    removed_at timestamptz,
    removed_by text,
    CONSTRAINT claim_attachments_removed CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
-- One claim holds a file once; the same file at another claim is found by its hash.
CREATE UNIQUE INDEX claim_attachments_once_key ON claim_attachments (claim_id, sha256) WHERE removed_at IS NULL;
CREATE INDEX claim_attachments_sha256_idx ON claim_attachments (sha256);

-- live ──free──▶ freed        its claim was rejected or lapsed, or the site took it back
-- duplicate ──free──▶ freed   the number stood at another claim when it was entered
CREATE TABLE claim_invoices (
    id uuid CONSTRAINT claim_invoices_pkey PRIMARY KEY,
    claim_id uuid NOT NULL CONSTRAINT claim_invoices_claim_id_fkey REFERENCES claims,
    state text NOT NULL CONSTRAINT claim_invoices_state CHECK (state IN ('live', 'duplicate', 'freed')),
    code text NOT NULL,
    number text NOT NULL,
    issuer text NOT NULL,
    issued_on date NOT NULL,
    amount_fen bigint NOT NULL CONSTRAINT claim_invoices_amount_fen CHECK (amount_fen > 0),
    other_claim_id uuid,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    by_name text NOT NULL,
    freed_at timestamptz,
    freed_reason text,
    CONSTRAINT claim_invoices_duplicate CHECK (state <> 'duplicate' OR other_claim_id IS NOT NULL),
    CONSTRAINT claim_invoices_freed CHECK ((state = 'freed') = (freed_at IS NOT NULL))
);
-- A number is claimed once, whatever the year; a rejected claim frees it.
CREATE UNIQUE INDEX claim_invoices_live_key ON claim_invoices (code, number) WHERE state = 'live';
CREATE INDEX claim_invoices_claim_idx ON claim_invoices (claim_id);
"""

REVIEWS = """
-- announced ──draw──▶ drawn
CREATE TABLE review_draws (
    id uuid CONSTRAINT review_draws_pkey PRIMARY KEY,
    fund_id uuid NOT NULL CONSTRAINT review_draws_fund_id_fkey REFERENCES funds,
    period text NOT NULL,
    state text NOT NULL CONSTRAINT review_draws_state CHECK (state IN ('announced', 'drawn')),
    seed_on date NOT NULL,
    seed_number text NOT NULL,
    draw_at timestamptz NOT NULL,
    announced_at timestamptz NOT NULL,
    announced_by_id uuid NOT NULL,
    announced_by text NOT NULL,
    drawn_at timestamptz,
    shares jsonb,
    citation text,
    CONSTRAINT review_draws_drawn CHECK (
        (state = 'drawn') = (drawn_at IS NOT NULL AND shares IS NOT NULL AND citation IS NOT NULL)
    ),
    CONSTRAINT review_draws_once UNIQUE (fund_id, period, seed_on, seed_number)
);
-- One draw of a fund's month waits at a time.
CREATE UNIQUE INDEX review_draws_waiting_key ON review_draws (fund_id, period) WHERE state = 'announced';

-- Every claim that took part, drawn or not: the export repeats the draw from it.
CREATE TABLE review_entries (
    draw_id uuid NOT NULL CONSTRAINT review_entries_draw_id_fkey REFERENCES review_draws,
    claim_id uuid NOT NULL
        CONSTRAINT review_entries_claim_id_fkey REFERENCES claims CONSTRAINT review_entries_claim_id_key UNIQUE,
    stratum text NOT NULL CONSTRAINT review_entries_stratum CHECK (stratum IN ('low', 'medium', 'high')),
    score integer NOT NULL,
    digest text NOT NULL,
    position integer NOT NULL,
    is_drawn boolean NOT NULL,
    CONSTRAINT review_entries_pkey PRIMARY KEY (draw_id, claim_id),
    CONSTRAINT review_entries_position UNIQUE (draw_id, stratum, position)
);

-- awaited ──confirm──▶ confirmed
--    ├────correct──▶ corrected     another number came
--    └────miss─────▶ not_found     no trace of the visit
CREATE TABLE field_reviews (
    claim_id uuid CONSTRAINT field_reviews_pkey PRIMARY KEY
        CONSTRAINT field_reviews_claim_id_fkey REFERENCES claims,
    draw_id uuid NOT NULL CONSTRAINT field_reviews_draw_id_fkey REFERENCES review_draws,
    state text NOT NULL
        CONSTRAINT field_reviews_state CHECK (state IN ('awaited', 'confirmed', 'corrected', 'not_found')),
    headcount integer CONSTRAINT field_reviews_headcount CHECK (headcount BETWEEN 0 AND 500),
    notes text,
    found_at timestamptz,
    found_by_id uuid,
    found_by text,
    CONSTRAINT field_reviews_found CHECK (
        (state = 'awaited') = (found_at IS NULL) AND (state = 'awaited') = (notes IS NULL)
        AND (found_at IS NULL) = (found_by_id IS NULL) AND (found_at IS NULL) = (found_by IS NULL)
    ),
    CONSTRAINT field_reviews_corrected CHECK ((state = 'corrected') = (headcount IS NOT NULL))
);
CREATE INDEX field_reviews_awaited_idx ON field_reviews (draw_id, claim_id) WHERE state = 'awaited';
ALTER TABLE pictures DROP CONSTRAINT pictures_purpose,
    ADD CONSTRAINT pictures_purpose CHECK (purpose IN ('site', 'check', 'closure', 'field_review'));
"""

APPEALS = """
-- filed ──grant──▶ granted
--   └────refuse──▶ refused
CREATE TABLE claim_appeals (
    claim_id uuid CONSTRAINT claim_appeals_pkey PRIMARY KEY
        CONSTRAINT claim_appeals_claim_id_fkey REFERENCES claims,
    against text NOT NULL CONSTRAINT claim_appeals_against CHECK (against IN ('rejection', 'lowering')),
    state text NOT NULL CONSTRAINT claim_appeals_state CHECK (state IN ('filed', 'granted', 'refused')),
    reason text NOT NULL,
    filed_at timestamptz NOT NULL,
    filed_by_id uuid NOT NULL,
    filed_by text NOT NULL,
    decided_at timestamptz,
    decided_by_id uuid,
    decided_by text,
    decision text,
    CONSTRAINT claim_appeals_decided CHECK (
        (state = 'filed') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)
    )
);
CREATE INDEX claim_appeals_filed_idx ON claim_appeals (filed_at, claim_id) WHERE state = 'filed';
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_reason, ADD CONSTRAINT ledger_entries_reason CHECK (
    reason IN ('appropriation', 'reversal', 'contribution', 'order_placed', 'order_restored', 'order_amended',
               'order_cancelled', 'order_refused',
               'order_expired', 'order_no_show', 'nothing_due', 'claim_rejected', 'claim_lapsed', 'claim_restored',
               'claim_approved', 'claim_remainder', 'appeal_granted', 'payment')
);
"""


def upgrade() -> None:
    for statements in (CLAIMS.replace("@states@", STATES), RULES, PAPERS, REVIEWS, APPEALS):
        run_sql(statements)
    forbid_changes("review_entries")
    for name in ("post_encumbrances", "restore_encumbrance", "raise_encumbrance", "check_in", "record_check_ins"):
        run_sql(resources.files("sites").joinpath(f"sql/{name}.sql").read_text())
