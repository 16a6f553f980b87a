-- Carry what a fund's year has left to the next year, or give it back, as was proposed and by another person.
-- Refuses with year-end-not-movable when it was decided already, with year-end-changed when the year has not the
-- amount left any more that was proposed beside what it kept for appeals then, or keeps more for them now; so of many
-- who decide at once, one does.
--
--   proposed ──approve──▶ done
CREATE OR REPLACE FUNCTION end_year(
    p_year_end uuid, p_checklist jsonb, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_end year_ends;
    v_next integer;
BEGIN
    UPDATE year_ends
       SET state = 'done', checklist = p_checklist, decided_at = p_at, decided_by_id = p_by, decided_by = p_by_name
     WHERE id = p_year_end AND state = 'proposed'
    RETURNING * INTO v_end;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'year-end-not-movable';
    END IF;
    v_next := v_end.year + 1;
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, note, at, by_id, by_name)
    SELECT v_end.fund_id, entry.year, entry.debit, entry.credit, v_end.amount_fen, entry.reason, v_end.document_number,
           p_at, p_by, p_by_name
      FROM (VALUES ('carry_over', v_end.year, 'available', 'carried', 'year_end_carried'),
                   ('carry_over', v_next, 'brought', 'available', 'year_end_brought'),
                   ('give_back', v_end.year, 'available', 'returned', 'year_end_returned'))
           AS entry (use, year, debit, credit, reason)
     WHERE entry.use = v_end.use
     ORDER BY entry.year;
    UPDATE fund_years
       SET available_fen = available_fen - v_end.amount_fen, version = version + 1,
           carried_fen = carried_fen + CASE WHEN v_end.use = 'carry_over' THEN v_end.amount_fen ELSE 0 END,
           returned_fen = returned_fen + CASE WHEN v_end.use = 'give_back' THEN v_end.amount_fen ELSE 0 END
     WHERE fund_id = v_end.fund_id AND year = v_end.year
       AND available_fen = v_end.amount_fen + v_end.kept_fen
       AND v_end.kept_fen >= (SELECT kept_fen FROM kept_for_appeals(v_end.fund_id, v_end.year, p_at));
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'year-end-changed';
    END IF;
    IF v_end.use = 'carry_over' THEN
        INSERT INTO fund_years AS kept (fund_id, year, brought_fen, available_fen)
        VALUES (v_end.fund_id, v_next, v_end.amount_fen, v_end.amount_fen)
        ON CONFLICT (fund_id, year) DO UPDATE
           SET brought_fen = kept.brought_fen + excluded.brought_fen,
               available_fen = kept.available_fen + excluded.available_fen,
               version = kept.version + 1;
    END IF;
END
$$;
