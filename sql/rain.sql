SELECT year,
       count_if(weather = 'rain') AS rainy_days,
       round(sum(precipitation)) AS millimetres,
       max(temperature.max) AS warmest
FROM weather
GROUP BY year
ORDER BY year
