-- Certificates that two people enrolled and nobody withdrew.
CREATE OR REPLACE VIEW kvitt.signer_in_force AS
SELECT s.partner, s.fingerprint, s.certificate, s.valid_from, s.valid_to
  FROM kvitt.signer s JOIN kvitt.signer_decision d USING (partner, fingerprint)
 WHERE NOT EXISTS (SELECT FROM kvitt.signer_withdrawal w
                    WHERE (w.partner, w.fingerprint) = (s.partner, s.fingerprint));
