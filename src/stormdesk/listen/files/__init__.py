"""Files of posts that people bring: read line by line in bounded memory, columns guessed, every refusal a sentence.

rows(path)                    -> Row(line, values) or Refusal(line, sentence), in the file's order
guess(columns)                -> which column holds what
Reader(path, mapping, …)      -> Post(line, brand, item) or Refusal
"""

from stormdesk.listen.files.mapping import FIELDS, Mapping, guess, parse_map
from stormdesk.listen.files.posts import Post, Reader
from stormdesk.listen.files.table import columns_of, rows
from stormdesk.networks.table import Refusal, Row

__all__ = [
    "FIELDS",
    "Mapping",
    "Post",
    "Reader",
    "Refusal",
    "Row",
    "columns_of",
    "guess",
    "parse_map",
    "rows",
]
