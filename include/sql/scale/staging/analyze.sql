-- Or the planner takes a manifest that it has not seen for a single row, and pairs are spelled out by scanning for each.
ANALYZE scale.reading (manifest_id, filename, programs), scale.instrument_set (manifest_id, set_id, programs)
