"""Full-text search: the stems of every mention, one row a mention, the same tokens on both databases."""

from django.db import migrations

# The texts arrive as stems separated by single spaces; the ascii tokenizer splits at those and touches nothing else.
SQLITE = [
    """CREATE VIRTUAL TABLE listen_search USING fts5(words, columnsize=0, tokenize="ascii tokenchars '_'")""",
    """CREATE TRIGGER listen_search_forgets AFTER DELETE ON listen_mention
        BEGIN DELETE FROM listen_search WHERE rowid = old.id; END""",
]
# No foreign key: it would keep the table of mentions from being emptied at once. Triggers do what it would do.
POSTGRESQL = [
    "CREATE TABLE listen_search (mention bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX listen_search_words ON listen_search USING gin (words)",
    """CREATE FUNCTION listen_search_forget() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM listen_search USING gone WHERE mention = gone.id; RETURN NULL; END $$""",
    """CREATE TRIGGER listen_search_forgets AFTER DELETE ON listen_mention
        REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION listen_search_forget()""",
    """CREATE FUNCTION listen_search_forget_all() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN TRUNCATE listen_search; RETURN NULL; END $$""",
    """CREATE TRIGGER listen_search_forgets_all AFTER TRUNCATE ON listen_mention
        FOR EACH STATEMENT EXECUTE FUNCTION listen_search_forget_all()""",
]


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER listen_search_forgets")
    else:
        for name in ("listen_search_forgets", "listen_search_forgets_all"):
            schema_editor.execute(f"DROP TRIGGER {name} ON listen_mention")
        schema_editor.execute("DROP FUNCTION listen_search_forget, listen_search_forget_all")
    schema_editor.execute("DROP TABLE listen_search")


class Migration(migrations.Migration):
    dependencies = [("listen", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
