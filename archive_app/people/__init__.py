"""Who works here: the archive unit and its rule book, departments, people, deputies; gives Actor."""
