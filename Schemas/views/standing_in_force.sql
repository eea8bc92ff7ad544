-- Standing approvals that two people gave.
CREATE OR REPLACE VIEW kvitt.standing_in_force AS
SELECT s.id, s.partner, s.currency, s.to_partner_minor, s.to_issuer_minor, s.expires_on,
       s.prepared_by
  FROM kvitt.standing s JOIN kvitt.standing_approval a ON a.standing_id = s.id;

GRANT SELECT ON kvitt.standing_in_force TO kvitt_read, kvitt_audit;
