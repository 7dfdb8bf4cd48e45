"""Where the paper stands: rooms, cabinets, shelves and boxes, and every time something was put there."""
