-- Reverse an entry by one that says the contrary; both stand. Only money granted by a document can be reversed so: all
-- else has an act of its own that undoes it. Refuses with entry-reversed when it was reversed before, with
-- fund-exhausted when the money is not there any more.
CREATE OR REPLACE FUNCTION reverse_entry(
    p_sequence bigint, p_note text, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_entry ledger_entries;
    v_reversal bigint;
BEGIN
    SELECT * INTO STRICT v_entry FROM ledger_entries WHERE sequence = p_sequence AND reason = 'appropriation';
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, reverses, note, at, by_id, by_name)
    VALUES (v_entry.fund_id, v_entry.year, v_entry.credit, v_entry.debit, v_entry.amount_fen, 'reversal', p_sequence,
            p_note, p_at, p_by, p_by_name)
    ON CONFLICT (reverses) WHERE reverses IS NOT NULL DO NOTHING
    RETURNING sequence INTO v_reversal;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'entry-reversed';
    END IF;
    DELETE FROM appropriation_documents WHERE fund_id = v_entry.fund_id AND sequence = p_sequence;
    UPDATE fund_years
       SET appropriated_fen = appropriated_fen - v_entry.amount_fen, available_fen = available_fen - v_entry.amount_fen,
           version = version + 1
     WHERE fund_id = v_entry.fund_id AND year = v_entry.year AND available_fen >= v_entry.amount_fen;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'fund-exhausted';
    END IF;
    RETURN v_reversal;
END
$$;
