-- Standing approvals that two people gave, that nobody took back, and under which nothing changed since:
-- neither the partner's terms nor the certificates that may sign for it.
CREATE OR REPLACE VIEW kvitt.standing_in_force AS
SELECT s.id, s.partner, s.currency, s.account, s.to_partner_minor, s.to_issuer_minor,
       s.month_to_partner_minor, s.month_to_issuer_minor, s.expires_on, s.prepared_by
  FROM kvitt.standing s JOIN kvitt.standing_approval a ON a.standing_id = s.id
 CROSS JOIN LATERAL kvitt.partner_footing(s.partner) AS f
 WHERE f.terms = s.terms_digest AND f.signers = s.signers_digest
   AND NOT EXISTS (SELECT FROM kvitt.standing_withdrawal w WHERE w.standing_id = s.id);
