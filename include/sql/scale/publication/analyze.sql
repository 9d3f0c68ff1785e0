ANALYZE scale.reading, scale.instrument_set, scale.set_neighbours, scale.flat_instrument, scale.flat_pair
