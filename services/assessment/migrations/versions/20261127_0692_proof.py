"""Tasks, items of weak organisations and consequences of reviews have files as evidence; a document may show a task."""

from chassis.migrations import run_sql

revision = "20261127_0692"
down_revision = "20261127_0691"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE evidence_files
            ADD COLUMN task_id uuid,
            ADD COLUMN weak_item_id uuid,
            ADD COLUMN review_consequence_id uuid,
            ADD CONSTRAINT evidence_files_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id),
            ADD CONSTRAINT evidence_files_weak_item_id_fkey FOREIGN KEY (weak_item_id) REFERENCES weak_items (id),
            ADD CONSTRAINT evidence_files_review_consequence_id_fkey
                FOREIGN KEY (review_consequence_id) REFERENCES review_consequences (id),
            ADD CONSTRAINT evidence_files_task_id_sha256_key UNIQUE (task_id, sha256),
            ADD CONSTRAINT evidence_files_weak_item_id_sha256_key UNIQUE (weak_item_id, sha256),
            ADD CONSTRAINT evidence_files_review_consequence_id_sha256_key UNIQUE (review_consequence_id, sha256),
            DROP CONSTRAINT evidence_files_subject,
            ADD CONSTRAINT evidence_files_subject CHECK (num_nonnulls(
                rectification_id, inspection_id, consequence_id, task_id, weak_item_id, review_consequence_id) = 1);
        ALTER TABLE list_items
            DROP CONSTRAINT list_items_evidence,
            ADD CONSTRAINT list_items_evidence CHECK (evidence IN ('record', 'text', 'file', 'none'));
        """
    )
