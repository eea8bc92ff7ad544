-- Prepares a standing approval for a partner's account under the terms and certificates that are in
-- force; gives its number.
CREATE OR REPLACE FUNCTION kvitt.prepare_standing(
  p_partner smallint, p_currency text, p_account text, p_to_partner bigint, p_to_issuer bigint,
  p_month_to_partner bigint, p_month_to_issuer bigint, p_expires_on date
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id bigint;
BEGIN
  LOCK TABLE kvitt.standing IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO kvitt.standing (id, partner, currency, account, to_partner_minor, to_issuer_minor,
    month_to_partner_minor, month_to_issuer_minor, expires_on, terms_digest, signers_digest)
  SELECT (SELECT coalesce(max(id), 0) + 1 FROM kvitt.standing), p_partner, p_currency, p_account,
         p_to_partner, p_to_issuer, p_month_to_partner, p_month_to_issuer, p_expires_on, f.terms,
         f.signers
    FROM kvitt.partner_footing(p_partner) AS f
  RETURNING id INTO v_id;
  RETURN v_id;
END $$;
