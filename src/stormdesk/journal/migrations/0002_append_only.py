"""The database itself refuses to change or delete what is recorded (G6)."""

from django.db import migrations

REFUSAL = "the journal is append-only"

SQLITE = [
    f"""CREATE TRIGGER journal_no_{verb} BEFORE {verb.upper()} ON journal_entry
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"""
    for verb in ("update", "delete")
]
POSTGRESQL = [
    f"""CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$""",
    """CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal_entry
        FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal_entry
        FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
]


def forwards(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER journal_no_update")
        schema_editor.execute("DROP TRIGGER journal_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER journal_no_change ON journal_entry")
        schema_editor.execute("DROP TRIGGER journal_no_truncate ON journal_entry")
        schema_editor.execute("DROP FUNCTION journal_refuse")


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
