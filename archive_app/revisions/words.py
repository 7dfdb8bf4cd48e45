"""How changes of a rule book are said: tables and keys of the file in words, grouped by what they rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive_app.core.i18n import Lazy, _
from archive_app.policy import Change, RuleBook
from archive_app.policy.permissions import NAMES
from archive_app.policy.words import ACTION, ALARM, OFFENCE

STATES = {
    "draft": ("", "pencil", Lazy("草案")),
    "proposed": ("wait", "hourglass-split", Lazy("待批准")),
    "adopted": ("ok", "check-lg", Lazy("已启用")),
    "refused": ("stop", "x-lg", Lazy("没有批准")),
    "withdrawn": ("", "slash-circle", Lazy("已撤回")),
    "in_force": ("ok", "check-lg", Lazy("现行")),
    "coming": ("wait", "calendar3", Lazy("未到施行日")),
    "past": ("", "clock-history", Lazy("旧版")),
}
SECTIONS = {
    "meta": Lazy("名称"), "documents": Lazy("规则来源"), "rules": Lazy("规则原文"), "roles": Lazy("岗位"),
    "titles": Lazy("职务"), "everyone": Lazy("职务"), "separation": Lazy("不相容岗位"),
    "categories": Lazy("门类"), "numbering": Lazy("档号"), "retention": Lazy("保管期限"),
    "secrecy": Lazy("密级与借阅"), "unavailable": Lazy("不能用的档案"), "due": Lazy("归还时间和开放时间"),
    "chains": Lazy("谁来批准"), "deputation": Lazy("委托"), "reading_room": Lazy("阅览室"),
    "uses": Lazy("用途和效果"), "reminders": Lazy("催还"), "waiting": Lazy("审批等候"),
    "queue": Lazy("排队"), "loss": Lazy("丢失和损坏"), "penalties": Lazy("罚则"), "copies": Lazy("复印件"),
    "alarms": Lazy("报警"), "reports": Lazy("报表"), "adoption": Lazy("制度的批准"), "desk": Lazy("扫码台"),
    "sign_in": Lazy("登录"), "undertaking": Lazy("借阅承诺"), "arrangement": Lazy("组卷和装订"),
}  # fmt: skip
KEYS = {
    "hours": Lazy("小时"), "days": Lazy("天"), "clock": Lazy("计时方法"), "rule": Lazy("依据"),
    "where": Lazy("在哪里"), "extension": Lazy("续借"), "times": Lazy("次数"), "known": Lazy("谁能查到"),
    "read": Lazy("谁能看内容"), "roles": Lazy("岗位"), "own_department": Lazy("本部门"),
    "own_customer": Lazy("本人的客户"), "by_tier": Lazy("按层级"), "uses": Lazy("使用"),
    "refused": Lazy("不准"), "steps": Lazy("审批步骤"), "actions": Lazy("事项"), "levels": Lazy("密级"),
    "tiers": Lazy("层级"), "borrowers": Lazy("借阅人"), "never": Lazy("不办理"), "name": Lazy("名称"),
    "text": Lazy("原文"), "clause": Lazy("条款"), "requirement": Lazy("编号"), "permissions": Lazy("权限"),
    "failures": Lazy("输错几次锁定"), "lock_minutes": Lazy("锁定分钟"), "undo_seconds": Lazy("可撤销秒数"),
    "seats": Lazy("座位"), "session_minutes": Lazy("每次阅览分钟"), "remind_hours": Lazy("几小时后提醒"),
    "escalate_hours": Lazy("几小时后上报"), "escalate_to": Lazy("上报给"),
    "expire_hours": Lazy("几小时后作废"), "hold_hours": Lazy("保留小时"),
    "before_minutes": Lazy("到期前分钟"), "after_minutes": Lazy("到期后分钟"), "cap": Lazy("最多几次"),
    "digest": Lazy("每日汇总时刻"), "escalate": Lazy("上报"), "after_hours": Lazy("逾期小时"),
    "to": Lazy("告诉谁"), "least": Lazy("最少（分）"), "most": Lazy("最多（分）"),
    "dismissal": Lazy("辞退"), "count": Lazy("次数"), "minutes": Lazy("分钟"), "kind": Lazy("种类"),
    "rows": Lazy("情形"), "tell": Lazy("告诉谁"), "kept": Lazy("可常备"),
    "propose_after": Lazy("借几次后建议常备"), "outstanding_day": Lazy("每月几日前"),
    "outstanding_to": Lazy("报给谁"), "principal": Lazy("委托人"), "deputies": Lazy("受托人"),
    "download": Lazy("可下载"), "watermark": Lazy("水印"), "on_screen": Lazy("可在屏幕上看"),
    "use": Lazy("使用"), "screen_rule": Lazy("屏幕依据"), "apart": Lazy("单独立卷"),
    "unbinding": Lazy("拆卷"), "archive_unit": Lazy("保管单位"), "closing_rule": Lazy("闭馆依据"),
    "authority_rule": Lazy("权限到期依据"), "kept_rule": Lazy("常备依据"), "working": Lazy("工作时间"),
    "read_while": Lazy("借阅期间可看"), "rank": Lazy("高低"), "contents": Lazy("内容"),
    "retention": Lazy("保管期限"), "secrecy": Lazy("密级"), "template": Lazy("格式"),
    "scope": Lazy("编号范围"), "purposes": Lazy("用途"), "effects": Lazy("利用效果"),
    "offence": Lazy("事由"), "any": Lazy("任一人"), "all": Lazy("都要"), "verb": Lazy("怎么批"),
    "closed": Lazy("不开放的日子"), "workdays": Lazy("调休上班"), "monday": Lazy("周一"),
    "tuesday": Lazy("周二"), "wednesday": Lazy("周三"), "thursday": Lazy("周四"), "friday": Lazy("周五"),
    "saturday": Lazy("周六"), "sunday": Lazy("周日"), "from": Lazy("从"), "title": Lazy("名称"),
}  # fmt: skip


PLACES = {"reading_room": Lazy("阅览室"), "company": Lazy("公司内"), "wall": Lazy("钟表时间")}
ORDER, ASIDE = "（顺序）", re.compile(r"(reminders|alarms|penalties|rows|escalate|steps|closed)（")


@dataclass(frozen=True)
class Line:
    """One change in words: where it stands, what was, what will be; None: nothing there."""

    where: str
    key: str
    old: str | None
    new: str | None


def said(changes: Sequence[Change], old: RuleBook, new: RuleBook) -> dict[str, list[Line]]:
    """The changes by section, in words; codes of levels, roles and actions as people call them."""
    names = _names(old) | _names(new)
    found: dict[str, list[Line]] = {}
    for change in changes:
        head, _dot, rest = change.key.partition(".")
        section = re.sub(r"[\[（].*", "", head)
        inner = (head.removeprefix(section) + ("." + rest if rest else "")).lstrip(".")
        if inner.endswith(ORDER) and ASIDE.search(inner):
            continue  # rows without names: their order is in the rows themselves
        by_rule = inner == "rule" or inner.endswith((".rule", "_rule"))
        values = [
            _value(each, _clauses(book) if by_rule else names)
            for each, book in ((change.old, old), (change.new, new))
        ]
        where = _where(inner, (_clauses(old) | _clauses(new)) if section == "rules" else names)
        if values[0] != values[1]:  # another rule of the same clause
            line = Line(where, change.key, *values)
            found.setdefault(str(SECTIONS.get(section, section)), []).append(line)
    return found


def _where(path: str, names: dict[str, str]) -> str:
    parts = []
    for part in re.findall(r"[^.\[\]]+(?:\[[^\]]*\])?|\[[^\]]*\](?:（[^）]*）)?", path):
        word, _open, row = part.partition("[")
        parts += [_word(word, names)] if word else []
        parts += [_word(row.rstrip("]"), names)] if row else []
    return " › ".join(part for part in parts if part)


def _word(code: str, names: dict[str, str]) -> str:
    plain, mark, rest = code.partition("（")
    return str(KEYS.get(plain) or names.get(plain) or plain) + mark + rest


def _value(text: str | None, names: dict[str, str]) -> str | None:
    if text is None:
        return None
    words = {"true": _("是"), "false": _("否")} | names
    return _("、").join(words.get(each, each) for each in text.split("、"))


def _clauses(book: RuleBook) -> dict[str, str]:
    return {key: rule.clause for key, rule in book.rules.items()}


def _names(book: RuleBook) -> dict[str, str]:
    """Codes of the book as people call them."""
    levels = {code: level.name for code, level in book.levels.items()}
    roles = {code: role.name for code, role in book.roles.items()}
    retentions = {code: each.name for code, each in book.retentions.items()}
    spoken = {code: str(word) for table in (ACTION, OFFENCE, ALARM, NAMES) for code, word in table.items()}
    places = {code: str(word) for code, word in PLACES.items()}
    return spoken | places | retentions | roles | levels
