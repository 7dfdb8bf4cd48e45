"""Volumes: arrangement of documents, yearly binding, catalogs and remark sheets."""
