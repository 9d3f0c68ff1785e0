COPY scale.instrument_set (manifest_id, set_id, programs, bitmap, songs) FROM STDIN WITH (FORMAT binary)
