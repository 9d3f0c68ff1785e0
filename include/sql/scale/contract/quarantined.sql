-- As published, like the contract relations themselves: whichever run published last.
SELECT filename AS key, reason
FROM quarantined_file
ORDER BY filename
