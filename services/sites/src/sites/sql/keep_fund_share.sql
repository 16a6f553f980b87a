-- Refuse, with caps-moved, to go beyond the share of a fund's year that the policy gives to subsidies. Called after the
-- money was set aside, when the fund's row is locked by the caller.
CREATE OR REPLACE FUNCTION keep_fund_share(p_policy uuid, p_fund uuid, p_year integer) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM policies p JOIN fund_years y ON y.fund_id = p_fund AND y.year = p_year
         WHERE p.id = p_policy
           AND y.appropriated_fen - y.available_fen > y.appropriated_fen * p.fund_share_percent / 100
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'ZH001', MESSAGE = 'caps-moved';
    END IF;
END
$$;
