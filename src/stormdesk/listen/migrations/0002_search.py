"""Full-text search: the stems of every mention, one row a mention, the same tokens on both databases."""

from django.db import migrations

# The texts arrive as stems separated by single spaces; the ascii tokenizer splits at those and touches nothing else.
SQLITE = [
    """CREATE VIRTUAL TABLE listen_search USING fts5(words, columnsize=0, tokenize="ascii tokenchars '_'")""",
    """CREATE TRIGGER listen_search_forgets AFTER DELETE ON listen_mention
        BEGIN DELETE FROM listen_search WHERE rowid = old.id; END""",
]
POSTGRESQL = [
    """CREATE TABLE listen_search (
        mention bigint PRIMARY KEY REFERENCES listen_mention (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
        words tsvector NOT NULL)""",
    "CREATE INDEX listen_search_words ON listen_search USING gin (words)",
]


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER listen_search_forgets")
    schema_editor.execute("DROP TABLE listen_search")


class Migration(migrations.Migration):
    dependencies = [("listen", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
