"""How the marks of a chart look. components.css carries the same rules; a test holds the two together."""

from __future__ import annotations

import re

# The light values of tokens.css.
LIGHT = {
    "surface": "#ffffff",
    "line": "#d5dbda",
    "line-strong": "#7f8a8d",
    "ink": "#15202b",
    "ink-2": "#3f4c57",
    "ink-3": "#566370",
    "accent": "#0d5a78",
    "on-accent": "#ffffff",
    "attn": "#b97800",
    "attn-ink": "#7a4800",
    "quiet": "#6b7780",
    "band": "#cdd7dc",
    "volume": "#15202b",
    "negative": "#b86400",
    "without": "#5d6b76",
    "grid": "#e3e8e7",
}

RULES = """
.chart text { fill: var(--ink-3); font-size: 11px; }
.chart path { fill: none; }
.chart .g { stroke: var(--grid); }
.chart .tick { stroke: var(--line-strong); }
.chart .zoom { fill: var(--grid); fill-opacity: .55; }
.chart .seam { stroke: var(--line-strong); }
.chart .band { fill: var(--band); }
.chart .vol { stroke: var(--volume); stroke-width: 1.75; stroke-linejoin: round; }
.chart .neg { stroke: var(--negative); stroke-width: 1.25; }
.chart .neg-area { fill: var(--negative); fill-opacity: .16; }
.chart .over { fill: var(--attn); fill-opacity: .28; }
.chart .copy-area { fill: var(--quiet); fill-opacity: .3; }
.chart .without { stroke: var(--without); stroke-width: 1.5; stroke-dasharray: 4 3; }
.chart .without-band { fill: var(--without); fill-opacity: .14; }
.chart .now { stroke: var(--line-strong); stroke-dasharray: 1 2; }
.chart .since { stroke: var(--attn-ink); stroke-width: 1.25; }
.chart .act-line { stroke: var(--accent); stroke-opacity: .55; }
.chart .ev-line { stroke: var(--ink-3); stroke-opacity: .5; stroke-dasharray: 2 2; }
.chart rect.act { fill: var(--accent); }
.chart .act-t { fill: var(--on-accent); font-weight: 600; }
.chart circle.ev { fill: var(--surface); stroke: var(--ink-2); stroke-width: 1.25; }
.chart .ev-t { fill: var(--ink); font-weight: 600; }
.chart .dot { fill: var(--volume); }
.chart .cov { stroke: var(--quiet); stroke-width: 3; stroke-opacity: .45; }
.chart .cov-gap { stroke: var(--attn); stroke-width: 5; stroke-dasharray: 2 1.5; }
.chart .base { stroke: var(--line); }
.chart .lab { fill: var(--ink); }
.chart .lab-neg { fill: var(--attn-ink); }
.chart .lab-q { fill: var(--ink-2); }
.chart .lab-at { fill: var(--attn-ink); }
.chart .ci { stroke: var(--ink-2); stroke-width: 2.5; }
.chart .took { stroke: var(--ink-2); stroke-width: 6; }
.chart .took-late { stroke: var(--attn); stroke-width: 6; }
.chart .agreed { stroke: var(--ink); stroke-width: 1.5; }
.chart .day { stroke: var(--quiet); }
.chart .vain { fill: var(--surface); stroke: var(--attn-ink); stroke-width: 1.5; }
.chart .missed { fill: none; stroke: var(--attn-ink); stroke-width: 1.5; stroke-dasharray: 2.5 1.5; }
""".strip()

_FONT = ".chart text { font-family: 'Golos Text', 'DejaVu Sans', Arial, sans-serif; font-weight: 500 }"


def light() -> str:
    """The rules with light values in place of the variables, for a picture that stands alone."""
    return re.sub(r"var\(--([\w-]+)\)", lambda found: LIGHT[found[1]], RULES) + "\n" + _FONT
