-- The last word on a batch's count and control sum: when the transaction commits they are those of its lines, without
-- the ones that left it. A rejected batch keeps what it was made with; all of its lines have left.
CREATE OR REPLACE FUNCTION batch_totals_agree() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_batch batches;
    v_lines record;
BEGIN
    SELECT * INTO v_batch FROM batches WHERE id = NEW.id;
    SELECT count(*) AS count, coalesce(sum(amount_fen), 0) AS total_fen, coalesce(sum(offset_fen), 0) AS offset_fen
      INTO v_lines
      FROM batch_lines
     WHERE batch_id = NEW.id AND (state <> 'freed' OR v_batch.state = 'rejected');
    IF v_batch.state <> 'rejected'
       AND (v_lines.count, v_lines.total_fen, v_lines.offset_fen)
           IS DISTINCT FROM (v_batch.count::bigint, v_batch.total_fen::numeric, v_batch.offset_fen::numeric) THEN
        RAISE EXCEPTION 'batch % says % lines of % fen less %, its lines are % of % less %', v_batch.number,
            v_batch.count, v_batch.total_fen, v_batch.offset_fen,
            v_lines.count, v_lines.total_fen, v_lines.offset_fen
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

-- What a line pays, to whom and for what, is written once.
CREATE OR REPLACE FUNCTION keep_line_amounts() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.batch_id, NEW.number, NEW.end_to_end_id, NEW.claim_id, NEW.payee_id, NEW.amount_fen, NEW.offset_fen)
       IS DISTINCT FROM
       (OLD.batch_id, OLD.number, OLD.end_to_end_id, OLD.claim_id, OLD.payee_id, OLD.amount_fen, OLD.offset_fen) THEN
        RAISE EXCEPTION 'line % of a batch was to be rewritten', OLD.end_to_end_id USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'waiting' AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'line % is % for good', OLD.end_to_end_id, OLD.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
