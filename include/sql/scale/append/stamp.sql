UPDATE scale.publication
SET published_at = now(),
    instrument_rows = (SELECT count(*) FROM filename_instrument),
    quarantine_rows = (SELECT count(*) FROM quarantined_file),
    pair_rows = (SELECT count(*) FROM filepair_similarity_score)
WHERE manifest_id = %(manifest_id)s
