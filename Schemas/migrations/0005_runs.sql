-- Runs of the nightly job: identity is (job, business date); the fence rises with every takeover.
CREATE TABLE kvitt.run (
  job text NOT NULL,
  business_date date NOT NULL,
  fence integer NOT NULL CHECK (fence > 0),
  backend integer NOT NULL,
  backend_start timestamptz NOT NULL,
  holder text NOT NULL,
  started_at timestamptz NOT NULL,
  PRIMARY KEY (job, business_date)
);

CREATE TABLE kvitt.run_event (
  job text NOT NULL,
  business_date date NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  step text NOT NULL,
  state text NOT NULL CHECK (state IN ('done', 'finished')),
  note text NOT NULL,
  PRIMARY KEY (job, business_date, seq)
);
