-- Who wrote when. A try whose fence was taken may live on: it is in here when it was refused, beside the one that took it.
CREATE TABLE scale.stage_try (
    manifest_id bigint NOT NULL REFERENCES scale.manifest,
    stage text NOT NULL,
    fence bigint NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- it has the fence: nobody else's commit is under way
    refused_at timestamptz, -- the latest time that it wanted to write and could not, as another try had the fence
    PRIMARY KEY (manifest_id, stage, fence)
);

-- The moment of the write, not that at which its transaction began, so that it can be held against `began_at`.
ALTER TABLE scale.staged_partition ALTER COLUMN staged_at SET DEFAULT clock_timestamp();
