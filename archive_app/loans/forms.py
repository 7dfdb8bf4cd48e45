"""Forms of loans: request, extension, return, effect, decision; the verbs check lengths and ranges."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Optional

from archive_app.core.clock import LOCAL, local
from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.loans import words
from archive_app.records.forms import WholeNumber


class Moment(DateTimeLocalField):
    """A date and time on the office wall clock; ``data`` is the moment in UTC."""

    data: datetime | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])[:40]
        return f"{local(self.data):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            self.data = datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(_("请选日期和时间，例如 2026-11-20 15:00。")) from error


class RequestForm(FlaskForm):
    """What a borrower writes on the 《借阅档案申请表》; ``purpose_class`` is a word of the rule book."""

    kind = SelectField(L("方式"), choices=list(words.KINDS.items()), default="loan")
    purpose_class = SelectField(L("目的类别"), default="", validate_choice=False)
    purpose = StringField(L("目的"), [InputRequired(L("请写明查阅目的、用途。"))])
    object = StringField(L("对象"))
    reason = TextAreaField(L("理由"))
    extent = StringField(L("范围"), default=lambda: str(L("全卷")))
    wished_from = Moment(L("何时要"), [Optional()])
    wished_until = Moment(L("用到何时"), [Optional()])
    undertaking = BooleanField(L("我会遵守下列规定。"), [DataRequired(L("读过并勾选后再提交。"))])


class NumbersForm(FlaskForm):
    """File numbers that go into the basket, typed or pasted."""

    numbers = TextAreaField(L("档号"))


class ExtensionForm(FlaskForm):
    """Why a loan is to be prolonged."""

    reason = StringField(L("理由"), [InputRequired(L("请写明为什么要续借。"))])


class EffectForm(FlaskForm):
    """What the use was good for (利用效果); the choices are the rule book's."""

    effect = SelectField(L("利用效果"), validate_choice=False)
    note = StringField(L("说明"))


class ReturnForm(FlaskForm):
    """What the keeper counted and saw at the return (检查完整性)."""

    pages = WholeNumber(L("清点页数"), [Optional()])
    condition = SelectField(L("查看情况"), choices=list(words.CONDITIONS.items()), default="")
    remark = StringField(L("备注"))


class DecisionForm(FlaskForm):
    """A decision on the step that the person saw; ``verdict`` is the button pressed."""

    position = HiddenField()
    reason = StringField(L("理由"))
