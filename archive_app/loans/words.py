"""The Chinese words of codes that belong to loans."""

from __future__ import annotations

from archive_app.core.i18n import Lazy as L

KINDS = {"consult": L("查阅"), "loan": L("外借"), "photocopy": L("影印"), "excerpt": L("摘抄")}
STATES = {
    "requested": L("待审批"),
    "approved": L("已批准"),
    "out": L("外借"),
    "reading": L("阅览室"),
    "overdue": L("逾期"),
    "returned": L("已归还"),
    "refused": L("未批准"),
    "withdrawn": L("已撤回"),
    "expired": L("已过期"),
    "lost": L("丢失"),
}
# What one can ask for instead of what was refused.
INSTEAD = {
    "consult": L("预约阅览室"),
    "loan": L("申请外借"),
    "photocopy": L("申请影印"),
    "excerpt": L("申请摘抄"),
}
# What the keeper saw at the return.
CONDITIONS = {
    "": L("还没有查看"),
    "good": L("完好"),
    "missing_pages": L("缺页"),
    "damage": L("损坏"),
}
EXTENSIONS = {
    "requested": L("等审批"),
    "granted": L("已同意"),
    "refused": L("没有同意"),
    "withdrawn": L("已撤回"),
}
WHERE = {
    "reading_room": L("在阅览室用"),
    "company": L("在公司内用，不带出公司"),
    "outside": L("可以带出公司用"),
}
