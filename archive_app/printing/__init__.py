"""Paper: barcodes, labels and signed forms, from plain values to PDF or ZPL bytes; knows no other room."""
