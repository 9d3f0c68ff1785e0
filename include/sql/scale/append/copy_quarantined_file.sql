COPY quarantined_file (filename, reason) FROM STDIN
