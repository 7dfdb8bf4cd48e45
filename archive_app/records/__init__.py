"""Categories, file numbers, folders, documents, change control and custody."""
