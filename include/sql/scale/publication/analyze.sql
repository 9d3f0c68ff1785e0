-- Only what lookups compare: to sample the neighbours themselves would cost as much as landing them.
ANALYZE
    scale.set_neighbours (manifest_id, set_id),
    scale.flat_instrument (manifest_id, filename),
    scale.flat_pair (manifest_id, filename_a, filename_b)
