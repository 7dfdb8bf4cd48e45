"""Forms of revisions: the text with its reason, its date, and what is replayed."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.revisions.rules import REASON_MAX, TEXT_MAX


class TextForm(FlaskForm):
    """A text of the rule book: typed, or from a file, which then stands in the field."""

    reason = StringField(L("为什么改"), [Length(max=REASON_MAX, message=L("太长。请写在 500 字以内。"))])
    file = FileField(L("从文件上传"))
    text = TextAreaField(L("制度全文"), [Length(max=TEXT_MAX, message=L("太长。制度全文不超过 100 万字。"))])
    edition = HiddenField()
    profile = HiddenField()


class DateForm(FlaskForm):
    """From which day a proposal is to count; empty: from the moment of approval."""

    effective_from = DateField(L("施行日期"), [Optional()])


class ReplayForm(FlaskForm):
    """Which text is replayed; the choices are given by the view."""

    book = SelectField(L("哪个制度"), validate_choice=False)
