-- The warehouse of Scale. Keys are compared byte by byte (COLLATE "C"), as Python and S3 order them.

-- What must land: one frozen listing of the bucket a pipeline run.
CREATE TABLE scale.manifest (
    manifest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dag_run_id text NOT NULL UNIQUE,
    bucket text NOT NULL,
    prefix text NOT NULL,
    min_instruments smallint NOT NULL,
    threshold numeric NOT NULL,
    landing text NOT NULL,
    object_count bigint NOT NULL DEFAULT 0,
    partitions integer NOT NULL DEFAULT 0,
    content_digest text NOT NULL DEFAULT '',
    frozen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE scale.manifest_object (
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    partition_id integer NOT NULL,
    key text COLLATE "C" NOT NULL,
    etag text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (manifest_id, key)
);
CREATE INDEX ON scale.manifest_object (manifest_id, partition_id);

-- The newest try of a stage owns its fence; `partitions` is what its first try planned, and stays.
CREATE TABLE scale.stage_fence (
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    stage text NOT NULL,
    fence bigint NOT NULL,
    partitions integer NOT NULL,
    PRIMARY KEY (manifest_id, stage)
);

-- The exactly-once ledger: a partition is in it if and only if its rows are staged.
CREATE TABLE scale.staged_partition (
    manifest_id bigint NOT NULL,
    stage text NOT NULL,
    partition_id integer NOT NULL,
    fence bigint NOT NULL,
    objects bigint NOT NULL,
    rows bigint NOT NULL,
    staged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (manifest_id, stage, partition_id)
);

-- Staging is logged on purpose: crash recovery empties unlogged tables, and the ledger would not know.
CREATE TABLE scale.staged_instrument (
    manifest_id bigint NOT NULL,
    filename text COLLATE "C" NOT NULL,
    instrument smallint NOT NULL
);
CREATE TABLE scale.staged_quarantine (
    manifest_id bigint NOT NULL,
    filename text COLLATE "C" NOT NULL,
    reason text NOT NULL
);
CREATE TABLE scale.staged_pair (
    manifest_id bigint NOT NULL,
    filename_a text COLLATE "C" NOT NULL,
    filename_b text COLLATE "C" NOT NULL,
    similarity_score double precision NOT NULL
);

-- Which manifest the contract relations show; one row at most.
CREATE TABLE scale.publication (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    dag_run_id text NOT NULL,
    published_at timestamptz NOT NULL,
    instrument_rows bigint NOT NULL,
    quarantine_rows bigint NOT NULL,
    pair_rows bigint NOT NULL
);

-- The contract relations. No unique constraint: `landing: append` must be free to show its duplicates.
CREATE TABLE public.filename_instrument (
    filename text COLLATE "C" NOT NULL,
    instrument smallint NOT NULL
);
CREATE INDEX ON public.filename_instrument (filename);

CREATE TABLE public.filepair_similarity_score (
    filename_a text COLLATE "C" NOT NULL,
    filename_b text COLLATE "C" NOT NULL,
    similarity_score double precision NOT NULL,
    CHECK (filename_a < filename_b)
);
CREATE INDEX ON public.filepair_similarity_score (filename_a);
CREATE INDEX ON public.filepair_similarity_score (filename_b);

CREATE TABLE public.quarantined_file (
    filename text COLLATE "C" NOT NULL,
    reason text NOT NULL
);
CREATE INDEX ON public.quarantined_file (filename);
