-- Balance of every account by partner, debit positive, over sealed batches.
CREATE OR REPLACE VIEW kvitt.account_balance AS
SELECT p.account, p.commodity, p.partner, sum(p.amount)::bigint AS amount
  FROM kvitt.posting p GROUP BY p.account, p.commodity, p.partner;
