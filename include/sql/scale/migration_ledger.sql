CREATE SCHEMA IF NOT EXISTS scale;
CREATE TABLE IF NOT EXISTS scale.migration (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);
