"""The scan desk: one box, any order, the right legal thing at once; and the search page."""
