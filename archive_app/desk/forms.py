"""Forms of the desk: what was found at a return, the pages of a photocopy, a reader who is gone."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.records.forms import WholeNumber

CONDITIONS = (("good", L("完好")), ("missing_pages", L("缺页")), ("damage", L("损坏")))


class CheckForm(FlaskForm):
    """What was counted and seen when a returned folder was looked through (检查完整性)."""

    pages = WholeNumber(L("清点页数"), [Optional()])
    condition = SelectField(L("状况"), choices=list(CONDITIONS), default="good")
    remark = TextAreaField(L("说明"))
    effect = SelectField(L("利用效果"), validate_choice=False)
    effect_note = StringField(L("效果说明"))


class CopyForm(FlaskForm):
    """How many pages of a folder were photocopied."""

    pages = WholeNumber(L("影印页数"), [InputRequired(L("请填影印了几页。"))])


class LeftForm(FlaskForm):
    """How it was noticed that a reader is gone with folders."""

    reason = TextAreaField(L("情况"), [InputRequired(L("请写明怎样发现的，要留存并通知。"))])
