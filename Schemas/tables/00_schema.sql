-- Which text of the schema these books have. Program and books compare both at every connection.

-- The newest text of every file that was applied, and the version of the kvitt that applied it.
CREATE TABLE kvitt.schema_text (
  path text PRIMARY KEY,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  version text NOT NULL,
  applied_by name NOT NULL DEFAULT session_user
);

-- What the files made, as the catalogue told it when they had been applied.
CREATE TABLE kvitt.schema_object (
  name text PRIMARY KEY,
  digest text NOT NULL
);

-- Nothing that is made from here on may be executed by everybody; who may do what says rights.txt.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
