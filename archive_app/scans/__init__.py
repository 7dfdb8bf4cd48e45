"""Scanned originals, their page images and OCR text, and the electronic file tied to the paper folder."""
