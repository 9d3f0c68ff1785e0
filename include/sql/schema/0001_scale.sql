-- The warehouse of Scale. Keys are compared byte by byte (COLLATE "C"), as Python and S3 order them.
--
-- What a run stages is what consumers read later: every row carries its manifest, and publishing a run is one update
-- of scale.publication, to which all views look.

-- What must land: one frozen listing of the bucket a pipeline run, and how the run was asked to land it.
CREATE TABLE scale.manifest (
    manifest_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dag_run_id text NOT NULL UNIQUE,
    bucket text NOT NULL,
    prefix text NOT NULL,
    min_instruments smallint NOT NULL,
    threshold numeric NOT NULL,
    extractor text NOT NULL,
    audit_fraction numeric NOT NULL,
    method text NOT NULL,
    materialize text NOT NULL,
    landing text NOT NULL,
    reused_manifest_id bigint REFERENCES scale.manifest, -- whose readings of unchanged objects are carried over
    object_count bigint NOT NULL DEFAULT 0,
    partition_objects integer NOT NULL DEFAULT 0,
    partitions integer NOT NULL DEFAULT 0,
    content_digest text NOT NULL DEFAULT '',
    frozen_at timestamptz NOT NULL DEFAULT now()
);

-- Partition p holds the ordinals from p * partition_objects up to the next partition's.
CREATE TABLE scale.manifest_object (
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    ordinal bigint NOT NULL,
    key text COLLATE "C" NOT NULL,
    etag text NOT NULL,
    size bigint NOT NULL,
    PRIMARY KEY (manifest_id, ordinal)
);

-- The newest try of a stage owns its fence; `partitions` is what its first try planned, and stays.
CREATE TABLE scale.stage_fence (
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    stage text NOT NULL,
    fence bigint NOT NULL,
    partitions integer NOT NULL,
    PRIMARY KEY (manifest_id, stage)
);

-- The exactly-once ledger: a partition is in it if and only if its rows are staged.
-- objects: what the partition was made of, objects or sets. staged_rows: its rows in scale.reading or
-- scale.set_neighbours. relation_rows: the rows that they stand for in the relations that consumers read.
CREATE TABLE scale.staged_partition (
    manifest_id bigint NOT NULL,
    stage text NOT NULL,
    partition_id integer NOT NULL,
    fence bigint NOT NULL,
    objects bigint NOT NULL,
    staged_rows bigint NOT NULL,
    relation_rows bigint NOT NULL,
    staged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (manifest_id, stage, partition_id)
);

-- One row an object: a song with its instrument set, ascending, or the reason why it is none.
-- The tables of staged rows are logged on purpose: crash recovery empties unlogged ones, and the ledger would not know.
CREATE TABLE scale.reading (
    manifest_id bigint NOT NULL,
    partition_id integer NOT NULL,
    filename text COLLATE "C" NOT NULL,
    etag text, -- of the content that was read; null when none was
    programs smallint[],
    reason text,
    PRIMARY KEY (manifest_id, filename),
    CHECK ((programs IS NULL) <> (reason IS NULL))
);
CREATE INDEX ON scale.reading (manifest_id, programs);

-- The distinct instrument sets, numbered by ascending size. Bit p of a bitmap, from the left, stands for program p.
CREATE TABLE scale.instrument_set (
    manifest_id bigint NOT NULL,
    set_id integer NOT NULL,
    programs smallint[] NOT NULL,
    bitmap bit(128) NOT NULL,
    songs bigint NOT NULL,
    PRIMARY KEY (manifest_id, set_id),
    UNIQUE (manifest_id, programs)
);

-- The sets that score above the threshold with a set, itself included, and how many programs they share.
CREATE TABLE scale.set_neighbours (
    manifest_id bigint NOT NULL,
    set_id integer NOT NULL,
    partition_id integer NOT NULL,
    neighbours integer[] NOT NULL,
    intersections smallint[] NOT NULL,
    PRIMARY KEY (manifest_id, set_id)
);

-- The relations spelled out, for runs that ask for it. No unique constraint: `landing: append` must be free to show
-- its duplicates.
CREATE TABLE scale.flat_instrument (
    manifest_id bigint NOT NULL,
    filename text COLLATE "C" NOT NULL,
    instrument smallint NOT NULL
);
CREATE INDEX ON scale.flat_instrument (manifest_id, filename);

CREATE TABLE scale.flat_quarantine (
    manifest_id bigint NOT NULL,
    filename text COLLATE "C" NOT NULL,
    reason text NOT NULL
);

CREATE TABLE scale.flat_pair (
    manifest_id bigint NOT NULL,
    filename_a text COLLATE "C" NOT NULL,
    filename_b text COLLATE "C" NOT NULL,
    similarity_score double precision NOT NULL,
    CHECK (filename_a < filename_b)
);
CREATE INDEX ON scale.flat_pair (manifest_id, filename_a);
CREATE INDEX ON scale.flat_pair (manifest_id, filename_b);

-- Which manifest consumers read, and whether from the flat tables; one row at most. `published_at` is null while
-- `landing: append` is still adding to what is in sight already.
CREATE TABLE scale.publication (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    dag_run_id text NOT NULL,
    flat boolean NOT NULL,
    published_at timestamptz,
    instrument_rows bigint NOT NULL DEFAULT 0,
    quarantine_rows bigint NOT NULL DEFAULT 0,
    pair_rows bigint NOT NULL DEFAULT 0
);

-- Names of songs by the MD5 of their content, as the Lakh MIDI Dataset gives them.
CREATE TABLE scale.title (
    md5 text COLLATE "C" PRIMARY KEY,
    path text NOT NULL
);

-- |A and B| / |A or B| as the double that 1 - distance gives, with the distance of Spark MLlib's MinHashLSH.
CREATE FUNCTION scale.jaccard_score(shared bigint, united bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1::double precision - (1::double precision - shared::double precision / nullif(united, 0)::double precision);

-- Views ask for the shown manifest as a value, table by table: joined to scale.publication instead, the planner takes
-- the manifest for selective, and compares all songs with all.
CREATE VIEW public.filename_instrument AS
SELECT flat.filename, flat.instrument
FROM scale.flat_instrument AS flat
WHERE flat.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown WHERE shown.flat)
UNION ALL
SELECT song.filename, program.instrument
FROM scale.reading AS song
CROSS JOIN LATERAL unnest(song.programs) AS program (instrument)
WHERE song.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown WHERE NOT shown.flat);

CREATE VIEW public.quarantined_file AS
SELECT flat.filename, flat.reason
FROM scale.flat_quarantine AS flat
WHERE flat.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown WHERE shown.flat)
UNION ALL
SELECT refused.filename, refused.reason
FROM scale.reading AS refused
WHERE refused.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown WHERE NOT shown.flat)
  AND refused.reason IS NOT NULL;

-- Every similar song of every song, both ways round: quick for a given `filename`.
CREATE VIEW public.similar_song AS
SELECT
    song.filename,
    other.filename AS similar_filename,
    scale.jaccard_score(
        near.intersection, cardinality(own.programs) + cardinality(theirs.programs) - near.intersection
    ) AS similarity_score
FROM scale.reading AS song
JOIN scale.instrument_set AS own ON own.programs = song.programs
JOIN scale.set_neighbours AS found ON found.set_id = own.set_id
CROSS JOIN LATERAL unnest(found.neighbours, found.intersections) AS near (set_id, intersection)
JOIN scale.instrument_set AS theirs ON theirs.set_id = near.set_id
JOIN scale.reading AS other ON other.programs = theirs.programs
WHERE song.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND own.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND found.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND theirs.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND other.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown)
  AND other.filename <> song.filename;

CREATE VIEW public.filepair_similarity_score AS
SELECT flat.filename_a, flat.filename_b, flat.similarity_score
FROM scale.flat_pair AS flat
WHERE flat.manifest_id = (SELECT shown.manifest_id FROM scale.publication AS shown WHERE shown.flat)
UNION ALL
SELECT near.filename, near.similar_filename, near.similarity_score
FROM public.similar_song AS near
WHERE near.filename < near.similar_filename AND NOT (SELECT shown.flat FROM scale.publication AS shown);

-- The songs that consumers read, with the titles that are known: the last part of the path that the dataset gives for
-- their MD5, else the last part of their own key; both without the suffix.
CREATE VIEW public.song AS
SELECT
    landed.filename,
    regexp_replace(coalesce(known.path, landed.filename), '^.*/|\.[^./]*$', '', 'g') AS title,
    known.path AS known_path,
    landed.programs
FROM scale.publication AS shown
JOIN scale.reading AS landed USING (manifest_id)
LEFT JOIN scale.title AS known ON known.md5 = substring(landed.filename FROM '([0-9a-f]{32})\.[^./]*$')
WHERE landed.programs IS NOT NULL;

-- The score of any two songs, above the threshold or not. Null when one of them is not a landed song, or when neither
-- has an instrument.
CREATE FUNCTION public.similarity_score(a text, b text) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT scale.jaccard_score(
        bit_count(one.bitmap & two.bitmap), bit_count(one.bitmap | two.bitmap)
    )
    FROM scale.publication AS shown
    JOIN scale.reading AS first ON first.manifest_id = shown.manifest_id AND first.filename = a
    JOIN scale.reading AS second ON second.manifest_id = shown.manifest_id AND second.filename = b
    JOIN scale.instrument_set AS one ON one.manifest_id = shown.manifest_id AND one.programs = first.programs
    JOIN scale.instrument_set AS two ON two.manifest_id = shown.manifest_id AND two.programs = second.programs;
END;
