"""Forms of records: what is typed about folders, documents, numbers and labels."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from archive_app.core import clock
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.people import queries as people
from archive_app.policy import RuleBook
from archive_app.records import rules, words
from archive_app.records.models import Document

PAGES = NumberRange(0, rules.MOST_PAGES, L("请填 0 到 99999。"))
REQUIRED = InputRequired(L("请填写这一项。"))


def _whole(value: Any) -> int | None:
    return int(value) if value not in (None, "", "0") else None


def _chosen(value: Any) -> str:
    # An empty choice means the category's default, so None must not become the word "None".
    return "" if value is None else str(value)


class WholeNumber(IntegerField):
    """An integer with one clear message; full-width digits count as digits."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("请填数字。")) from error


class Day(DateField):
    """A date; impossible ones such as 20261331 are named, and stay as typed."""

    def __init__(self, label: Any, **more: Any) -> None:
        formats = ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y.%m.%d"]
        super().__init__(label, [Optional()], format=formats, **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("没有这一天，请写成 2026-11-19。")) from error


class PartialDay(StringField):
    """A date known to the day, the month or only the year; impossible ones are named, and stay as typed."""

    def pre_validate(self, form: Form) -> None:
        for message in rules.check_dated(self.data or "").values():
            raise ValidationError(message)


def _tiers(book: RuleBook, now: str = "") -> list[tuple[str, str]]:
    """The tiers of the rule book by name; one that only an older rule book knew stays open to its folder."""
    names = dict.fromkeys(each for each in (*book.tiers, now) if each)
    return [("", _("不分级")), *((each, each) for each in names)]


class FolderForm(FlaskForm):
    """The details of a folder; ``request_id`` makes a double click harmless."""

    request_id = HiddenField(default=lambda: uuid.uuid4().hex)
    category = SelectField(L("类别"), [REQUIRED])
    year = SelectField(L("归档年度"), coerce=int)
    title = StringField(L("题名"), [REQUIRED])
    party = StringField(L("客户或对方"))
    department = SelectField(L("形成部门"), coerce=_whole)
    manager = HiddenField(L("客户经理"))
    secrecy = SelectField(L("密级"), coerce=_chosen, default="")
    tier = SelectField(L("分级"), coerce=_chosen, default="")
    retention = SelectField(L("保管期限"), coerce=_chosen, default="")
    dated_from = Day(L("起日期"))
    dated_to = Day(L("止日期"))
    place = StringField(L("存址"))
    note = TextAreaField(L("备注"))

    DETAILS = (
        "title", "party", "department", "manager", "secrecy", "tier",
        "retention", "dated_from", "dated_to", "place", "note",
    )  # fmt: skip

    def fill_choices(self, book: RuleBook, at: datetime) -> None:
        """Offer what the rule book in force knows."""
        this = clock.local(at).year
        years = sorted({this + 1, this, *range(this - 1, this - 31, -1)} & set(book.years(at)), reverse=True)
        self.category.choices = [(c.code, f"{c.code} {c.name}") for c in book.categories.values()]
        self.year.choices = [(year, str(year)) for year in years]
        if not self.is_submitted():
            self.year.data = this
        if self.year.data is None:
            self.year.data = this
        self.secrecy.choices = [("", _("按类别")), *((c, level.name) for c, level in book.levels.items())]
        self.tier.choices = _tiers(book)
        self.retention.choices = [("", _("按类别")), *((c, r.name) for c, r in book.retentions.items())]
        self.department.choices = [("", "—"), *((d.id, d.name) for d in people.departments())]

    def details(self) -> dict[str, Any]:
        """The typed details under the names of `register_folder`'s columns."""
        values = {name: getattr(self, name).data for name in self.DETAILS}
        return values | {"manager": _whole(self.manager.data)}


class FolderEditForm(FolderForm):
    """The same details with a reason; number, category and year stay."""

    category = None
    year = None
    request_id = None
    revision = HiddenField()
    reason = StringField(L("更改原因"), [REQUIRED])

    def fill_choices(self, book: RuleBook, at: datetime) -> None:
        """Offer what the rule book in force knows."""
        self.secrecy.choices = [(c, level.name) for c, level in book.levels.items()]
        self.tier.choices = _tiers(book, self.tier.data or "")
        self.retention.choices = [(c, r.name) for c, r in book.retentions.items()]
        self.department.choices = [("", "—"), *((d.id, d.name) for d in people.departments())]


class FillForm(FolderEditForm):
    """The details of a number that was reserved."""

    revision = None
    reason = None


class DocumentForm(FlaskForm):
    """One line of the catalog."""

    request_id = HiddenField(default=lambda: uuid.uuid4().hex)
    title = StringField(L("题名"), [REQUIRED])
    reference = StringField(L("文号"))
    author = StringField(L("责任者"))
    dated = PartialDay(L("日期"), description=L("只知年月也可：20260904、202609、2026。"))
    pages = WholeNumber(L("页数"), [Optional(), PAGES])
    sheets = WholeNumber(L("张数"), [Optional()], description=L("有双面的才填，装订算厚度。"))
    copies = WholeNumber(L("份数"), [Optional(), NumberRange(0, 999, L("请填 0 到 999。"))], default=1)
    medium = SelectField(L("载体"), default="paper", choices=list(words.MEDIA.items()))
    text_form = SelectField(L("文本"), default="original", choices=list(words.TEXT_FORMS.items()))
    part = SelectField(L("组成"), choices=list(words.PARTS.items()))
    group = StringField(L("同组标记"), description=L("请示与批复、正本与副本写同一个标记，就不会分开。"))
    nature = SelectField(L("种类"), coerce=_chosen, default="", choices=list(words.NATURES.items()))
    covers_from = WholeNumber(L("起年"), [Optional()], description=L("规划的第一年，会议的开幕年。"))
    covers_to = WholeNumber(L("止年"), [Optional()], description=L("总结的最后一年。"))
    note = StringField(L("备注"))

    FIELDS = (
        "title", "reference", "author", "dated", "pages", "sheets", "copies", "medium", "text_form",
        "part", "group", "nature", "covers_from", "covers_to", "note",
    )  # fmt: skip
    PAPER = ("sheets", "copies", "medium", "text_form")
    CROSSING = ("nature", "covers_from", "covers_to")

    def values(self) -> dict[str, Any]:
        """The typed line under the names of `add_document`."""
        return {name: getattr(self, name).data for name in self.FIELDS}

    def speaks_of(self, names: tuple[str, ...]) -> bool:
        """Whether one of these fields is not as on an ordinary line, so that it must not be folded away."""
        return any(
            self[name].errors or self[name].data not in ("", None, self[name].default) for name in names
        )


class DocumentEditForm(DocumentForm):
    """A catalog line changed with a reason."""

    request_id = None
    revision = HiddenField()
    reason = StringField(L("更改原因"), [REQUIRED])


class ConditionForm(FlaskForm):
    """What was found or done on the paper of a folder or of one document in it."""

    document = SelectField(L("哪一件"), coerce=_whole, validators=[Optional()])
    kind = RadioField(L("情况"), [REQUIRED], choices=list(words.CONDITIONS.items()))
    pages = WholeNumber(L("几页"), [Optional(), PAGES])
    where = StringField(L("哪几页"))
    remark = StringField(L("说明"), [REQUIRED])

    def offer(self, documents: list[Document]) -> None:
        """Offer the folder as a whole and each of its documents."""
        self.document.choices = [("", _("整份档案")), *((d.id, f"{d.position} {d.title}") for d in documents)]


class ReasonForm(FlaskForm):
    """Only a reason: voiding a number, taking out a document."""

    reason = StringField(L("原因"), [REQUIRED])


class ReserveForm(FlaskForm):
    """A block of numbers to be labelled before the details exist."""

    category = SelectField(L("类别"), [REQUIRED])
    year = SelectField(L("归档年度"), coerce=int)
    count = WholeNumber(L("几个号"), [InputRequired(L("请填数字。"))])
    purpose = StringField(L("用途"), [REQUIRED])


class PaperForm(FlaskForm):
    """With which printer or on which paper labels are printed, and where on it they start."""

    stock = SelectField(L("打印机或标签纸"), [REQUIRED])
    start = WholeNumber(L("从第几枚开始"), [Optional()])


class LabelForm(PaperForm):
    """Which folders to print labels for, and on which paper."""

    ids = HiddenField()
    block = HiddenField()
    category = SelectField(L("类别"), validators=[Optional()])
    year = SelectField(L("年度"), coerce=_whole, validators=[Optional()])
    first = WholeNumber(L("从第几号"), [Optional()])
    last = WholeNumber(L("到第几号"), [Optional()])
