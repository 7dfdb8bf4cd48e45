"""The Chinese words of codes that belong to folders and documents."""

from __future__ import annotations

from archive_app.core.i18n import Lazy as L

MEDIA = {"paper": L("纸质"), "electronic": L("电子"), "both": L("纸质和电子")}
TEXT_FORMS = {"original": L("原件"), "copy": L("复印件"), "draft": L("草稿"), "final": L("定稿")}
PARTS = {
    "main": L("正件"),
    "attachment": L("附件"),
    "request": L("请示"),
    "reply": L("批复"),
    "print": L("印件"),
    "final_draft": L("定稿"),
    "duplicate": L("副本"),
    "forwarded": L("转发件"),
    "translation": L("译本或其他文种"),
}
NATURES = {"": L("一般文件"), "plan": L("规划、计划"), "summary": L("总结"), "meeting": L("会议文件")}
CONDITIONS = {
    "missing": L("缺页"),
    "damaged": L("破损"),
    "faded": L("字迹扩散"),
    "repaired": L("已修裱"),
    "restored": L("已补齐"),
}
CUSTODY = {
    "on_shelf": L("在架"),
    "lent": L("外借"),
    "reading_room": L("阅览室"),
    "missing": L("丢失"),
}
STATES = {"active": L("已登记"), "reserved": L("预留"), "void": L("作废"), "missing": L("说不清")}
FIELDS = {
    "title": L("题名"),
    "secrecy": L("密级"),
    "retention": L("保管期限"),
    "party": L("客户或对方"),
    "department": L("形成部门"),
    "manager": L("客户经理"),
    "tier": L("分级"),
    "dated_from": L("起日期"),
    "dated_to": L("止日期"),
    "place": L("存址"),
    "note": L("备注"),
    "reference": L("文号"),
    "author": L("责任者"),
    "dated": L("日期"),
    "pages": L("页数"),
    "sheets": L("张数"),
    "copies": L("份数"),
    "medium": L("载体"),
    "text_form": L("文本"),
    "part": L("组成"),
    "group": L("同组标记"),
    "nature": L("跨年度种类"),
    "covers_from": L("起年"),
    "covers_to": L("止年"),
    "removed_at": L("移出"),
}
