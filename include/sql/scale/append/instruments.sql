SELECT filename, instrument FROM filename_instrument
