-- What happens to each entry as it is written: it is given the day on which it counts, and queued for the seal.
--
-- It counts on its day of Shanghai, or, where that month is closed, on the first open day. It holds its month's
-- advisory lock as one of many; whoever closes the month holds it alone, so that nothing enters a month that closes.
CREATE OR REPLACE FUNCTION enter_on_an_open_day() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    v_closed_until date;
    v_on date := (NEW.at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    LOOP
        PERFORM pg_advisory_xact_lock_shared(ledger_month(NEW.fund_id, v_on));
        SELECT closed_until INTO v_closed_until FROM ledger_closings WHERE fund_id = NEW.fund_id;
        EXIT WHEN v_closed_until IS NULL OR v_closed_until <= v_on;
        v_on := v_closed_until;
    END LOOP;
    NEW.booked_on := v_on;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION queue_for_the_seal() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO ledger_unsealed (sequence) SELECT sequence FROM entered;
    RETURN NULL;
END
$$;
