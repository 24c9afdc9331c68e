"""Reads a text, offline, and says why. Needs no Django, no network and no graphics card.

    read(texts, path, heads)        what posts say: language, sentiment, complaint, needs reply, urgency, scam, personal data
    learn(labels, at, earlier)      a brand's own heads from people's labels, for read(…, heads={brand: …})
    personal_data(text, allow)      spans of personal data; mask(text, spans) hides them
    NarrativeIndex().add(id, …)     which post copies which; label(texts) names the narrative
    lookalike(handle, own_handles)  how much a handle imitates one of ours
    fold, stems, forms              one folding for search, queries and models

Everything is batch first, deterministic, and survives hostile text.
"""

import os

# Its products of matrices are small: threads of numpy cost several times the time they save, and hold every core of a small
# server. Numpy reads this when it is first imported; whoever wants threads sets it beforehand.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from stormdesk.understand.fold import fold, forms, stems
from stormdesk.understand.learning import BrandHeads, Label, Trial, learn
from stormdesk.understand.lookalike import LOOKALIKE, lookalike
from stormdesk.understand.naming import label
from stormdesk.understand.narrative import NarrativeIndex, Placement
from stormdesk.understand.personal import mask, personal_data
from stormdesk.understand.reading import read
from stormdesk.understand.text import Reading, Span, Text

__all__ = [
    "LOOKALIKE",
    "BrandHeads",
    "Label",
    "NarrativeIndex",
    "Placement",
    "Reading",
    "Span",
    "Text",
    "Trial",
    "fold",
    "forms",
    "label",
    "learn",
    "lookalike",
    "mask",
    "personal_data",
    "read",
    "stems",
]
