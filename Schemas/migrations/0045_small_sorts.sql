-- Indexes of leaves are sorted in runs that fit a processor's cache: measured on 10,000,000 rows, 16 MB took a
-- tenth less time than 256 MB, and a third less than 1 GB, which holds all of it. CREATE OR REPLACE forgets
-- what is set here, so whoever replaces one of these functions says it again.
ALTER FUNCTION kvitt.index_identities(bigint) SET maintenance_work_mem = '16MB';
ALTER FUNCTION
  kvitt.seal_leaf(bigint, bigint, bigint, bytea, jsonb, jsonb, jsonb, jsonb, bigint)
  SET maintenance_work_mem = '16MB';
ALTER FUNCTION kvitt.merge_leaves(text, bigint, bigint) SET maintenance_work_mem = '16MB';
