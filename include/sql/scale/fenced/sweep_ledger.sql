-- The published manifest's own ledger stays: it records who staged what.
DELETE FROM scale.staged_partition WHERE manifest_id < %(manifest_id)s
