"""Forms of photocopies and of losses and damage; lengths and ranges are checked by the verbs."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.loans.incident_rows import KINDS, MEASURES
from archive_app.records.forms import WholeNumber


class CopyForm(FlaskForm):
    """A copy to be kept for lending."""

    pages = WholeNumber(L("页数"), [InputRequired(L("请填影印了几页。"))])
    extent = StringField(L("范围"))
    remark = StringField(L("备注"), [Optional()])


class EndForm(FlaskForm):
    """Why a copy is destroyed."""

    reason = StringField(L("销毁原因"))


class OriginalForm(FlaskForm):
    """What the keeper counted and saw when the original came back from copying."""

    pages = WholeNumber(L("清点页数"), [Optional()])
    condition = RadioField(
        L("检查"), default="good",
        choices=[("good", L("完好")), ("damage", L("损坏")), ("missing_pages", L("缺页"))],
    )  # fmt: skip
    facts = TextAreaField(L("损坏、缺页的情况"))


class ReportForm(FlaskForm):
    """A loss or damage as reported."""

    kind = RadioField(L("情况"), choices=list(KINDS.items()), default="loss")
    pages = WholeNumber(L("缺损页数"), [Optional()])
    facts = TextAreaField(L("经过"), [InputRequired(L("请写明经过，审批人要看。"))])


class AgainForm(FlaskForm):
    """The report once more, after it was sent back."""

    pages = WholeNumber(L("缺损页数"), [Optional()])
    facts = TextAreaField(L("经过"), [InputRequired(L("请写明经过，审批人要看。"))])


class SettleForm(FlaskForm):
    """What was done about it."""

    measure = SelectField(L("怎样处理"), choices=list(MEASURES.items()))
    settlement = TextAreaField(L("做了什么"), [InputRequired(L("请写明做了什么。"))])


class FoundForm(FlaskForm):
    """Where it was found, or why the report was wrong."""

    remark = StringField(L("在哪里找到"))


class DecisionForm(FlaskForm):
    """A decision on the step that the person saw; ``verdict`` is the button pressed."""

    position = HiddenField()
    reason = StringField(L("理由"))
