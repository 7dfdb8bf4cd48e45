"""Lending and reading by the rule book: request, approval, hand over or seat, return."""
