"""Chains of approval as the rule book gives them, decisions, and who stands in for whom."""
