"""Times are 24 h in English too: a crisis has no use for am and pm."""

TIME_FORMAT = "H:i"
DATE_FORMAT = "D j M Y"
SHORT_DATE_FORMAT = "D j M"
DATETIME_FORMAT = "D j M, H:i"
SHORT_DATETIME_FORMAT = "j M, H:i"
THOUSAND_SEPARATOR = ","
DECIMAL_SEPARATOR = "."
NUMBER_GROUPING = 3
