-- Put money granted by a document into a fund's year. Refuses with appropriation-repeated when the fund has had money
-- by the same document and it was not reversed.
CREATE OR REPLACE FUNCTION appropriate(
    p_fund uuid, p_year integer, p_amount_fen bigint, p_document_number text, p_at timestamptz, p_by uuid, p_by_name text
) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_sequence bigint;
BEGIN
    INSERT INTO appropriation_documents (fund_id, document_number) VALUES (p_fund, p_document_number)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'appropriation-repeated',
            DETAIL = json_build_object('document_number', p_document_number)::text;
    END IF;
    INSERT INTO ledger_entries (fund_id, year, debit, credit, amount_fen, reason, document_number, at, by_id, by_name)
    VALUES (p_fund, p_year, 'appropriations', 'available', p_amount_fen, 'appropriation', p_document_number,
            p_at, p_by, p_by_name)
    RETURNING sequence INTO v_sequence;
    UPDATE appropriation_documents SET sequence = v_sequence
     WHERE fund_id = p_fund AND document_number = p_document_number;
    INSERT INTO fund_years AS kept (fund_id, year, appropriated_fen, available_fen)
    VALUES (p_fund, p_year, p_amount_fen, p_amount_fen)
    ON CONFLICT (fund_id, year) DO UPDATE
       SET appropriated_fen = kept.appropriated_fen + excluded.appropriated_fen,
           available_fen = kept.available_fen + excluded.available_fen,
           version = kept.version + 1;
END
$$;
