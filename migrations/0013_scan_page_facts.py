"""An index that holds all that the reconciliation of both sets asks of the pages."""

NAME = "scan_page_facts"


def up(migrator, db):
    db.execute_sql(f'CREATE INDEX "{NAME}" ON "scan_page" ("folder_id", "file_id", "state", "confidence")')


def down(migrator, db):
    db.execute_sql(f'DROP INDEX "{NAME}"')
