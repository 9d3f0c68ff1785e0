DELETE FROM scale.set_neighbours WHERE manifest_id < %(manifest_id)s
