"""How the rule book speaks: short Chinese sentences for due times, chains and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive_app.core import clock
from archive_app.core.errors import Refused
from archive_app.core.i18n import Lazy, _
from archive_app.policy.parts import ChainStep, Limit

if TYPE_CHECKING:
    from archive_app.policy.book import RuleBook

ACTION: Mapping[str, Lazy] = {
    "know": Lazy("查到条目"),
    "read_content": Lazy("看内容"),
    "consult": Lazy("查阅"),
    "loan": Lazy("外借"),
    "photocopy": Lazy("影印"),
    "excerpt": Lazy("摘抄"),
}
CANNOT: Mapping[str, Lazy] = {
    "know": Lazy("不能查到"),
    "read_content": Lazy("不能看内容"),
    "consult": Lazy("不能查阅"),
    "loan": Lazy("不能外借"),
    "photocopy": Lazy("不能影印"),
    "excerpt": Lazy("不能摘抄"),
}
NOT_YET: Mapping[str, Lazy] = {
    "read_content": Lazy("还不能看内容"),
    "consult": Lazy("还不能查阅"),
    "loan": Lazy("还不能外借"),
    "photocopy": Lazy("还不能影印"),
    "excerpt": Lazy("还不能摘抄"),
}
INSTEAD: Mapping[str, Lazy] = {
    "consult": Lazy("预约阅览室"),
    "loan": Lazy("申请外借"),
    "photocopy": Lazy("申请影印"),
    "excerpt": Lazy("申请摘抄"),
}
SORT: Mapping[str, Lazy] = {
    "signing_date": Lazy("按签订先后"),
    "dated_ascending": Lazy("按日期，旧的在前"),
    "dated_descending": Lazy("按日期，新的在前"),
    "group_order": Lazy("按形成规律"),
    "as_filed": Lazy("按登记先后"),
    "by_hand": Lazy("由立卷人排列"),
}
CORNER: Mapping[str, Lazy] = {
    "upper": Lazy("正面右上角、背面左上角"),
    "lower": Lazy("正面右下角、背面左下角"),
}
CATALOG_FORM: Mapping[str, Lazy] = {
    "gbt9705": Lazy("GB/T 9705"),
    "practice": Lazy("习用格式"),
    "gbt11822": Lazy("GB/T 11822"),
}
VOLUME_KEY: Mapping[str, Lazy] = {
    "category": Lazy("门类"),
    "year": Lazy("年度"),
    "manager": Lazy("客户经理"),
}
BINDING: Mapping[str, Lazy] = {"three_hole": Lazy("三孔一线")}
PROBLEM: Mapping[str, Lazy] = {
    "lent": Lazy("外借未还"),
    "pages_missing": Lazy("缺页"),
    "pages_differ": Lazy("纸电页数不符"),
    "damaged": Lazy("破损未修"),
    "faded": Lazy("字迹扩散"),
    "scan_failed": Lazy("扫描没有办成"),
    "electronic_only": Lazy("只有电子文件"),
    "no_scan": Lazy("没有扫描件"),
    "date_far": Lazy("日期离年度远"),
}
ARRANGED: Mapping[str, Lazy] = {
    "yearly": Lazy("一年一清，按类成卷"),
    "manager": Lazy("客户经理各自成卷"),
    "apart": Lazy("绝密单独立卷"),
    "one_year": Lazy("分年度"),
    "reply_year": Lazy("跨年的请示与批复"),
    "request_year": Lazy("没有批复的请示"),
    "plan_year": Lazy("跨年的规划"),
    "summary_year": Lazy("跨年的总结"),
    "meeting_year": Lazy("跨年的会议文件"),
    "groups": Lazy("不得分开"),
    "reply_first": Lazy("批复在前"),
    "main_first": Lazy("正件在前"),
    "print_first": Lazy("印件在前"),
    "others": Lazy("其他材料"),
    "signing_date": Lazy("按签订先后"),
    "dated": Lazy("按日期"),
    "newest_first": Lazy("新的在前"),
    "as_filed": Lazy("按登记先后"),
    "by_hand": Lazy("由立卷人排列"),
    "number_order": Lazy("按档号排"),
    "page_numbers": Lazy("编页码"),
    "catalog": Lazy("卷内文件目录"),
    "remark": Lazy("备考表"),
    "assembly": Lazy("装配和入盒"),
    "threading": Lazy("装订"),
    "dual_paper": Lazy("纸质注明电子"),
    "dual_electronic": Lazy("电子注明纸质"),
    "paper_kept": Lazy("必须存纸质"),
    "electronic_printed": Lazy("重要电子文件要打印"),
    "checker": Lazy("检查"),
    "unbinding": Lazy("拆卷"),
}
KEEPING = "loan.desk"
OFFENCE: Mapping[str, Lazy] = {
    "loss": Lazy("丢失档案"),
    "damage": Lazy("损坏档案"),
    "missing_pages": Lazy("档案缺页"),
    "unapproved_reading": Lazy("未经审批查看"),
    "account_lent": Lazy("把账号给人用"),
    "unapproved_copy": Lazy("擅自抄录、复制"),
    "unapproved_deletion": Lazy("擅自删除、销毁"),
}
ALARM: Mapping[str, Lazy] = {
    "refusals": Lazy("多次被拒绝"),
    "sign_in_failures": Lazy("多次登录失败"),
    "mass_views": Lazy("大量查看"),
    "mass_downloads": Lazy("大量下载"),
    "outside_hours": Lazy("开放时间外使用密级档案"),
    "two_places": Lazy("一个账号两处使用"),
}
WEEKDAYS = (Lazy("周一"), Lazy("周二"), Lazy("周三"), Lazy("周四"), Lazy("周五"), Lazy("周六"), Lazy("周日"))


def action_name(action: str) -> str:
    """Return the action as people say it: 外借."""
    return str(ACTION[action])


def cannot(action: str) -> str:
    """Return the head of a refusal: 不能外借."""
    return str(CANNOT[action])


def moment(when: datetime, at: datetime) -> str:
    """Return a moment as the office says it, seen from ``at``: 今日 17:30, 11-20 周五 08:30."""
    there, here = clock.local(when), clock.local(at)
    if there.date() == here.date():
        return _("今日 %(time)s", time=f"{there:%H:%M}")
    day = f"{there:%m-%d}" if there.year == here.year else f"{there:%Y-%m-%d}"
    return f"{day} {WEEKDAYS[there.weekday()]} {there:%H:%M}"


def long_span(span: timedelta) -> str:
    """Return a duration for sentences: 2 小时 58 分, from two days on 3 天."""
    hours, minutes = divmod(int(abs(span).total_seconds()) // 60, 60)
    if hours >= 48:
        return _("%(n)s 天", n=hours // 24)
    if not hours:
        return _("%(m)s 分钟", m=minutes)
    return _("%(h)s 小时 %(m)s 分", h=hours, m=minutes) if minutes else _("%(h)s 小时", h=hours)


def due(limit: Limit, when: datetime, reason: str, at: datetime) -> str:
    """Return when to give back and why: 最长 4 小时；闭馆更早，今日 17:30 前归还。"""
    back = _("%(when)s 前归还。", when=moment(when, at))
    if reason == "authority":
        return _("借阅人权限到期更早，%(back)s", back=back)
    if reason == "session":
        return _("阅览到时，%(back)s", back=back)
    if limit.hours is None:
        return back
    longest = _("最长 %(n)s 小时", n=limit.hours)
    if reason == "closing":
        return _("%(longest)s；闭馆更早，%(back)s", longest=longest, back=back)
    return _("%(longest)s，%(back)s", longest=longest, back=back)


def deciders(book: RuleBook, steps: Iterable[ChainStep]) -> str:
    """Return who decides, in order: 部门经理申请，总经理办公室主任核批."""
    return _("，").join(step_words(book, step) for step in steps)


def keepers(book: RuleBook) -> str:
    """Return who hands folders over: 档案管理员."""
    return _("或").join(role.name for role in book.roles.values() if KEEPING in role.permissions)


def step_words(book: RuleBook, step: ChainStep) -> str:
    """Return one step: 总经理或分管副总经理批准."""
    names = [book.role_name(role) for role in step.roles]
    joined = (_("或") if step.mode == "any" else _("和")).join(names)
    if step.own_department:
        joined = _("本部门%(who)s", who=joined.removeprefix("部门"))  # 本部门经理, not 本部门部门经理
    elif step.folder_department:
        joined = _("形成部门%(who)s", who=joined.removeprefix("部门"))
    elif step.in_charge:
        joined = _("分管%(who)s", who=joined.removeprefix("分管"))
    elif step.customer_manager:
        joined = _("负责该客户的%(who)s", who=joined)
    return f"{joined}{step.verb}"


def joined(codes: Iterable[str], words: Mapping[str, Lazy]) -> str:
    """Return the words of ``codes`` in one list: 门类、年度."""
    return _("、").join(str(words[code]) for code in codes)


def instead(actions: Iterable[str]) -> str:
    """Return the way out of a refusal: 可以改为：预约阅览室。"""
    return _("可以改为：%(ways)s。", ways=_("或").join(str(INSTEAD[action]) for action in actions))


def leave_out() -> str:
    """Return the way out when there is no other way."""
    return _("请从申请单移出这份档案。")


def prolong_authority() -> str:
    """Return what to do when a person's authority is over."""
    return _("请先由人员管理延长权限，再来办理。")


def in_one_line(refused: Refused) -> str:
    """Return a refusal as policy.md reads it, for logs and the command line: four parts in fixed order."""
    parts = [refused.message]
    if refused.rule:
        parts.append(f"「{refused.rule}」")
    if refused.clause:
        parts.append(_("（%(clause)s）", clause=refused.clause))
    parts.append(refused.next_step)
    if refused.may_decide:
        parts.append(_("由谁决定：%(who)s。", who=refused.may_decide))
    else:
        parts.append(_("需要例外时由：无人可批准。"))
    return "".join(parts)
