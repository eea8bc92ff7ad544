-- What a standing approval for a partner rests on: digests of its newest terms, and of the certificates
-- that may sign for it.
CREATE OR REPLACE FUNCTION kvitt.partner_footing(
  p_partner smallint, OUT terms bytea, OUT signers bytea
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (SELECT t.digest FROM kvitt.terms t JOIN kvitt.partner p ON p.code = t.code
           WHERE t.kind = 'partner' AND p.id = p_partner ORDER BY t.version DESC LIMIT 1),
         (SELECT sha256(coalesce(string_agg(s.fingerprint, NULL ORDER BY s.fingerprint), ''))
            FROM kvitt.signer_in_force s WHERE s.partner = p_partner)
$$;
