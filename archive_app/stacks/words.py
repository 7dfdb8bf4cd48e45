"""The Chinese words of codes that belong to places."""

from __future__ import annotations

from archive_app.core.i18n import Lazy as L

KINDS = {"room": L("库房"), "cabinet": L("柜"), "shelf": L("格"), "box": L("盒")}
BELOW = {"room": ("cabinet",), "cabinet": ("shelf", "box"), "shelf": ("box",), "box": ()}
VIA = {"desk": L("扫码台"), "screen": L("网页"), "command": L("命令行"), "boxing": L("入盒")}
ICONS = {"room": "house-door", "cabinet": "hdd-stack", "shelf": "layout-three-columns", "box": "box-seam"}
