SELECT magnitude, place, time
FROM earthquakes
WHERE kind = 'earthquake'
ORDER BY magnitude DESC NULLS LAST
LIMIT 10
