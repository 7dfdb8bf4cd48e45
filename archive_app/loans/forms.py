"""Forms of loans: the request, the return, the decision; lengths and ranges are checked by the verbs."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.loans import words
from archive_app.records.forms import WholeNumber


class RequestForm(FlaskForm):
    """What a borrower writes on the 《借阅档案申请表》."""

    kind = SelectField(L("方式"), choices=list(words.KINDS.items()), default="loan")
    purpose = StringField(L("目的"), [InputRequired(L("请写明查阅目的、用途。"))])
    object = StringField(L("对象"))
    reason = TextAreaField(L("理由"))
    extent = StringField(L("范围"), default=lambda: str(L("全卷")))
    undertaking = BooleanField(L("我会遵守下列规定。"), [DataRequired(L("读过并勾选后再提交。"))])


class ReturnForm(FlaskForm):
    """What the keeper counted and saw at the return (检查完整性)."""

    pages = WholeNumber(L("清点页数"), [Optional()])
    remark = StringField(L("备注"))


class DecisionForm(FlaskForm):
    """A decision on the step that the person saw; ``verdict`` is the button pressed."""

    position = HiddenField()
    reason = StringField(L("理由"))
