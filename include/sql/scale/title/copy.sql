COPY title_upload (md5, path) FROM STDIN
