CREATE TEMPORARY TABLE title_upload (md5 text, path text) ON COMMIT DROP
