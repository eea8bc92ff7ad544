-- Runs of jobs.

-- One run for a job and a business date; the fence rises with every takeover.
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

-- Its steps.
CREATE TABLE kvitt.run_event (
  job text NOT NULL,
  business_date date NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  step text NOT NULL,
  state text NOT NULL CHECK (state IN ('done', 'finished')),
  note text NOT NULL,
  PRIMARY KEY (job, business_date, seq)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.run_event
  ADD CONSTRAINT run_event_run FOREIGN KEY (job, business_date)
    REFERENCES kvitt.run (job, business_date);
