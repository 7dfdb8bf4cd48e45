"""Forms of loans: the request, withdrawing, the return."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.loans import words
from archive_app.loans.rules import LIMITS, REASON_MAX

MISSING = L("请填写这一项。")
TOO_LONG = L("太长，请缩短。")


class RequestForm(FlaskForm):
    """What a borrower writes on the 《借阅档案申请表》."""

    kind = SelectField(L("方式"), choices=list(words.KINDS.items()), default="loan")
    purpose = StringField(
        L("目的"),
        [InputRequired(L("请写明查阅目的、用途。")), Length(max=LIMITS["purpose"], message=TOO_LONG)],
    )
    object = StringField(L("对象"), [Length(max=LIMITS["object"], message=TOO_LONG)])
    reason = TextAreaField(L("理由"), [Length(max=LIMITS["reason"], message=TOO_LONG)])
    extent = StringField(
        L("范围"), [Length(max=LIMITS["extent"], message=TOO_LONG)], default=lambda: str(L("全卷"))
    )
    undertaking = BooleanField(L("我会爱护档案，遵守下列规定。"), [DataRequired(L("读过并勾选后再提交。"))])


class ReasonForm(FlaskForm):
    """A reason that is kept with the loan."""

    reason = StringField(L("原因"), [Length(max=REASON_MAX, message=TOO_LONG)])


class ReturnForm(FlaskForm):
    """What the keeper counted and saw at the return (检查完整性)."""

    pages = IntegerField(L("清点页数"), [Optional(), NumberRange(0, 99_999, L("请填 0 到 99999 的数字。"))])
    remark = StringField(L("备注"), [Length(max=300, message=TOO_LONG)])


class DecisionForm(FlaskForm):
    """A decision on the step that the person saw; ``verdict`` is the button pressed."""

    position = HiddenField()
    on_behalf_of = HiddenField()
    reason = StringField(L("理由"), [Length(max=REASON_MAX, message=TOO_LONG)])
