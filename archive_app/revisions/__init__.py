"""Revisions of the rule book: proposed, compared, tried on last year's loans, approved, put into force."""
