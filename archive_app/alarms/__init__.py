"""Alarms: what is unusual, who was told, and what came of it."""
