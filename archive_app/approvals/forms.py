"""Forms of approvals: the verdict on one question, or on several of a basket."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from archive_app.core.i18n import Lazy as L

REASON = Length(max=500, message=L("太长。请写在 500 字以内。"))


class VerdictForm(FlaskForm):
    """One verdict; which button was pressed is in ``verdict``, the step that was seen in ``position``."""

    reason = TextAreaField(L("理由"), [Optional(), REASON])
    position = HiddenField()


class BasketForm(FlaskForm):
    """Which of a basket are decided: ``pick`` holds approval and step (12.1), ``rest`` what of the others."""

    pick = SelectMultipleField(L("哪几份"), [InputRequired(L("请至少勾一份。"))], validate_choice=False)
    rest = RadioField(
        L("没有勾的"), choices=[("leave", L("先留着")), ("refuse", L("一并不批准"))], default="leave"
    )
    reason = TextAreaField(L("不批准的理由"), [Optional(), REASON])
