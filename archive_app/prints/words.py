"""The Chinese words of codes that belong to prints: states with their chips, answers about paper."""

from __future__ import annotations

from archive_app.core.i18n import Lazy as L

# state: (kind of chip, icon, word)
STATES = {
    "queued": ("", "hourglass-split", L("排队中")),
    "drawing": ("acc", "arrow-repeat", L("正在画")),
    "done": ("ok", "check-lg", L("画好了")),
    "failed": ("stop", "x-lg", L("没有画成")),
    "cancelled": ("", "slash-circle", L("已取消")),
}
# answer to "is this print still true?": (kind of note, sentence)
ANSWERS = {
    "current": ("ok", L("现行有效：内容与印出时相同。")),
    "gone": ("stop", L("所印的对象已不在，这张纸不作数。")),
    "void": ("stop", L("这次打印没有办成，这张纸不作数。")),
    "forged": ("stop", L("纸上的校验码与登记不符，这张纸不作数。")),
}
