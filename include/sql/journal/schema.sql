CREATE TABLE IF NOT EXISTS journal_entry (
    experiment_run_id text        NOT NULL,
    seq               bigint      NOT NULL,
    at                timestamptz NOT NULL,
    event             text        NOT NULL,
    entry             jsonb       NOT NULL,
    PRIMARY KEY (experiment_run_id, seq)
)
