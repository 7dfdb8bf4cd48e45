"""Registers and reports: loans, copies, what is out and where, overdue, effect of use."""
