"""Entries of the search box and their token index (FTS5 on SQLite, token vectors on PostgreSQL)."""

import peewee as pw


def up(migrator, db):
    """Create the table of entries and the index of the engine."""

    class SearchEntry(pw.Model):
        id = pw.BigIntegerField(primary_key=True)
        kind = pw.CharField(16)
        ref = pw.BigIntegerField()
        owner = pw.BigIntegerField(index=True)
        tok_version = pw.SmallIntegerField()
        norm = pw.TextField()
        text = pw.TextField()

        class Meta:
            database = db
            table_name = "search_entry"
            legacy_table_names = False
            indexes = ((("kind", "ref"), True),)

    db.create_tables([SearchEntry])
    for statement in _SQLITE if isinstance(db, pw.SqliteDatabase) else _POSTGRES:
        db.execute_sql(statement)


def down(migrator, db):
    """Drop both; the texts themselves live in their own rooms and can be put in again."""
    index = "search_index" if isinstance(db, pw.SqliteDatabase) else "search_token"
    db.execute_sql(f"DROP TABLE {index}")
    db.execute_sql("DROP TABLE search_entry")


# Tokens come ready-made and separated by spaces: the ascii tokenizer leaves every other character alone.
# The prefix lists only hold ASCII words, because Han tokens have at most two characters.
_SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
           tokens, content='', detail=none, columnsize=0, tokenize='ascii', prefix='3 4')""",
)
_POSTGRES = (
    "CREATE TABLE search_token (entry bigint PRIMARY KEY, tokens tsvector NOT NULL)",
    # Pending lists make single searches slow at random; rows are put one by one here.
    "CREATE INDEX search_token_tokens ON search_token USING gin (tokens) WITH (fastupdate = off)",
)
