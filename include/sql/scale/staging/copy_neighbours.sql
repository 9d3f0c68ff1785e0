COPY scale.set_neighbours (manifest_id, set_id, partition_id, neighbours, intersections) FROM STDIN WITH (FORMAT binary)
