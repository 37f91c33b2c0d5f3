"""Korean says the half of the day before the hour: 오후 7:19."""

DATETIME_FORMAT = "Y년 n월 j일 A g:i"
TIME_FORMAT = "A g:i"
