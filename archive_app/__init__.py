"""A paper-and-electronic dual-track archive workflow system (双轨制档案室)."""

__version__ = "0.3.0"
