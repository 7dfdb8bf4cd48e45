"""Notices: what a person is told, in the app and by e-mail, once and never lost."""
