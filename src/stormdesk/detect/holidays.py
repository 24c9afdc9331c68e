"""Public holidays by country, from the open calendar of the `holidays` package: computed, nothing to keep fresh."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays as calendar


@lru_cache(maxsize=64)
def year_of(country: str, year: int, language: str) -> tuple[tuple[date, str], ...]:
    """The public holidays of a year, named in `language` ("en", "ru") where they were translated into it."""
    spoken = calendar.list_localized_countries().get(country, [])
    wanted = [language, "en_US"] if language != "en" else ["en_US", "en_GB", "en"]
    chosen = next((name for name in wanted if name in spoken), None)
    try:
        days = calendar.country_holidays(country, years=[year], language=chosen)
    except NotImplementedError:  # a country that the package no longer knows
        return ()
    return tuple(sorted(days.items()))


@lru_cache(maxsize=1)
def countries() -> tuple[str, ...]:
    """Two-letter codes of the countries whose public holidays are known."""
    return tuple(sorted(code for code in calendar.list_supported_countries() if len(code) == 2))
