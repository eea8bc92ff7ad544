-- What a bank says of a record beside what rules decide on: kept as it was told, for people who look a record
-- up. Rows of encoding 3 have all 27 columns of a purchase; most of these are null, and null costs no byte.
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_encoding_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_encoding_check CHECK (encoding IN (1, 2, 3));
ALTER TABLE kvitt.batch ALTER COLUMN encoding SET DEFAULT 3;
-- The scheme's reference, such as an ARN, where it is not the bank's own.
ALTER TABLE kvitt.purchase ADD COLUMN network_ref text;
-- Not unique: a code may come again.
ALTER TABLE kvitt.purchase ADD COLUMN approval_code text;
-- Billed units for one of the purchase's own currency, an exact decimal as it was written.
ALTER TABLE kvitt.purchase ADD COLUMN rate text CHECK (rate ~ '^[0-9]+([.][0-9]+)?$');
-- The day on which the bank posted it.
ALTER TABLE kvitt.purchase ADD COLUMN posted_date date;
