"""The life of a file number: reserved, then registered; or void, which is for ever."""

from archive_app.core.flow import Flow, Step

NUMBER = Flow(
    "number",
    "reserved",
    Step("fill", ("reserved",), "active", "folder.register"),
    Step("void", ("reserved", "active"), "void", "folder.void"),
)

# Where the paper can be, and from where it may get there.
CUSTODY = {
    "lent": ("on_shelf",),
    "reading_room": ("on_shelf",),
    "on_shelf": ("lent", "reading_room", "missing"),
    "missing": ("lent", "reading_room", "on_shelf"),
}
