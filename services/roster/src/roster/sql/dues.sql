-- What an entry about dues changes in the balances. Each function is a trigger on a whole statement, so a month of a
-- whole district is one pass; each takes the branches' books first, so that closing a month and an entry in it wait for
-- each other. Operations judge before they write; what gets past them is refused here. That a branch stands otherwise
-- than it was told is noted in standings, in the order of the branches; *work* tells it.

-- A month is reckoned: new rows of dues_obligations.
CREATE OR REPLACE FUNCTION add_dues_obligations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM dues_books WHERE branch_id IN (SELECT branch_id FROM entered) ORDER BY branch_id FOR UPDATE;
    IF EXISTS (SELECT FROM entered e JOIN dues_books b USING (branch_id) WHERE e.month < b.open_from) THEN
        RAISE EXCEPTION 'dues are reckoned for a month that is closed' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM entered WHERE payment_id IS NOT NULL OR due_fen <> assessed_fen) THEN
        RAISE EXCEPTION 'dues are paid or corrected before they are reckoned' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO dues_months AS m (branch_id, month, members, settled, due_fen, paid_fen)
    SELECT branch_id, month, count(*), count(*) FILTER (WHERE due_fen = 0), sum(due_fen), 0
      FROM entered GROUP BY branch_id, month
    ON CONFLICT (branch_id, month) DO UPDATE
       SET members = m.members + excluded.members, settled = m.settled + excluded.settled,
           due_fen = m.due_fen + excluded.due_fen;
    INSERT INTO standings AS s (branch_id) SELECT DISTINCT branch_id FROM entered ORDER BY branch_id
    ON CONFLICT (branch_id) DO UPDATE SET version = s.version + 1, is_told = false;
    RETURN NULL;
END
$$;

-- Paid, taken back or corrected: changed rows of dues_obligations; their key never changes.
CREATE OR REPLACE FUNCTION change_dues_obligations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dues_months m
       SET settled = m.settled + d.settled, due_fen = m.due_fen + d.due_fen, paid_fen = m.paid_fen + d.paid_fen
      FROM (SELECT n.branch_id, n.month, sum(n.due_fen - o.due_fen) AS due_fen,
                   sum((n.payment_id IS NOT NULL OR n.due_fen = 0)::int
                     - (o.payment_id IS NOT NULL OR o.due_fen = 0)::int) AS settled,
                   sum(CASE WHEN n.payment_id IS NULL THEN 0 ELSE n.due_fen END
                     - CASE WHEN o.payment_id IS NULL THEN 0 ELSE o.due_fen END) AS paid_fen
              FROM entered n JOIN gone o ON o.person_id = n.person_id AND o.month = n.month
             GROUP BY n.branch_id, n.month) d
     WHERE m.branch_id = d.branch_id AND m.month = d.month;
    INSERT INTO standings AS s (branch_id) SELECT DISTINCT branch_id FROM entered ORDER BY branch_id
    ON CONFLICT (branch_id) DO UPDATE SET version = s.version + 1, is_told = false;
    RETURN NULL;
END
$$;

-- Payments and their reversals. A month is paid when nothing stands against it and exactly what is owed comes.
CREATE OR REPLACE FUNCTION enter_dues_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE dues_books b SET cash_fen = b.cash_fen + e.amount_fen
      FROM (SELECT branch_id, sum(amount_fen) AS amount_fen, min(paid_on) AS first_on FROM entered GROUP BY branch_id) e
     WHERE b.branch_id = e.branch_id AND (b.open_from IS NULL OR e.first_on >= b.open_from);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> (SELECT count(DISTINCT branch_id) FROM entered) THEN
        RAISE EXCEPTION 'dues are paid in a month that is closed' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE dues_obligations o SET payment_id = CASE WHEN e.reverses IS NULL THEN e.id END
      FROM entered e
     WHERE o.person_id = e.person_id AND o.month = e.month AND o.branch_id = e.branch_id
       AND ((e.reverses IS NULL AND o.payment_id IS NULL AND o.due_fen = e.amount_fen)
         OR (o.payment_id = e.reverses AND o.due_fen = -e.amount_fen));
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> (SELECT count(*) FROM entered) THEN
        RAISE EXCEPTION 'dues are paid twice, or not as they are owed' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION enter_dues_corrections() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM FROM dues_books WHERE branch_id IN (SELECT branch_id FROM entered) ORDER BY branch_id FOR UPDATE;
    UPDATE dues_obligations o SET due_fen = e.to_fen
      FROM entered e JOIN dues_books b ON b.branch_id = e.branch_id
     WHERE o.person_id = e.person_id AND o.month = e.month AND o.branch_id = e.branch_id AND o.payment_id IS NULL
       AND o.due_fen = e.from_fen AND e.month <= e.corrected_on
       AND (b.open_from IS NULL OR e.corrected_on >= b.open_from);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> (SELECT count(*) FROM entered) THEN
        RAISE EXCEPTION 'dues are corrected that are paid, not so much, or in a closed month'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION enter_dues_hand_ups() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE dues_books b SET cash_fen = b.cash_fen - e.amount_fen
      FROM (SELECT branch_id, sum(amount_fen) AS amount_fen, min(handed_on) AS first_on FROM entered
             GROUP BY branch_id) e
     WHERE b.branch_id = e.branch_id AND (b.open_from IS NULL OR e.first_on >= b.open_from);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> (SELECT count(DISTINCT branch_id) FROM entered) THEN
        RAISE EXCEPTION 'dues are handed up in a month that is closed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
