"""The query language of listening: what a brand's words mean, and thousands of queries asked of a text at once.

parse(expression) -> Node           raises QueryError, a sentence with the place
Matcher({key: node, …}).match(text) -> the keys whose query the text satisfies
Matcher(…).explain(key, text)       -> the words of the text that matched
search_terms(node)                  -> the same language for full-text search, see search.py

word        any form of a Russian word; an English word and its plural     word*       any word that begins so
"a phrase"  these words in this order, exactly so                           #tag @name  a hashtag, a handle
site.com    a link or the name of a site                                    ( )         brackets
OR          either (also ИЛИ, |)                                            AND         both (also И); may be left out
NOT         (also НЕ, -word) leaves out, from everything in the same brackets
"""

from stormdesk.listen.matching.matcher import Matcher
from stormdesk.listen.matching.syntax import All, Node, OneOf, QueryError, Term, Without, parse, told

__all__ = ["All", "Matcher", "Node", "OneOf", "QueryError", "Term", "Without", "parse", "told"]
