COPY filename_instrument (filename, instrument) FROM STDIN
