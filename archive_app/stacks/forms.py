"""Forms of the stacks: places, what is put into them, printers and their calibration."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import FloatField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from archive_app.core.i18n import Lazy as L
from archive_app.core.i18n import _
from archive_app.records.forms import REQUIRED, PaperForm, WholeNumber
from archive_app.stacks import words

NUMBER = InputRequired(L("请填数字。"))


class Millimetres(FloatField):
    """A length with one clear message; full-width digits and commas count."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = [unicodedata.normalize("NFKC", str(value)).replace(",", ".") for value in valuelist]
        try:
            super().process_formdata(typed)
        except ValueError as error:
            raise ValueError(_("请填数字，例如 20.5。")) from error


def _whole(value: Any) -> int | None:
    return int(value) if value not in (None, "", "0", "None") else None


class PlaceForm(FlaskForm):
    """One new place, or several in a row."""

    parent = SelectField(L("放在"), coerce=_whole)
    kind = SelectField(L("种类"), [REQUIRED], choices=list(words.KINDS.items()))
    code = StringField(L("代号"), [REQUIRED])
    count = WholeNumber(L("几个"), [NUMBER], default=1)
    name = StringField(L("名称"))
    width_mm = WholeNumber(L("宽度 mm"), [Optional()])


class RenameForm(FlaskForm):
    """Code, name and width of a place."""

    code = StringField(L("代号"), [REQUIRED])
    name = StringField(L("名称"))
    width_mm = WholeNumber(L("宽度 mm"), [Optional()])


class MoveForm(FlaskForm):
    """Where a place goes with all that is in it."""

    parent = SelectField(L("移到"), coerce=_whole)


class PutForm(FlaskForm):
    """File numbers typed by hand, to be put into a place."""

    numbers = TextAreaField(L("档号"), [REQUIRED])


class PlaceLabelForm(PaperForm):
    """Labels of chosen places."""

    ids = HiddenField()


class PrinterForm(FlaskForm):
    """A new printer and the stock in it."""

    name = StringField(L("名称"), [REQUIRED])
    stock = SelectField(L("标签纸"), [REQUIRED])


class PrinterEditForm(PrinterForm):
    """All that is kept of a printer."""

    next_start = WholeNumber(L("下一枚"), [NUMBER])
    offset_x = Millimetres(L("向右移 mm"), [NUMBER])
    offset_y = Millimetres(L("向下移 mm"), [NUMBER])
    scale = Millimetres(L("缩放"), [NUMBER])

    # what the service calls them -> the fields beside which their errors stand
    ERRORS: ClassVar[dict[str, str]] = {"offset_mm": "offset_x"}


class CalibrationForm(FlaskForm):
    """Where the two crosses of a calibration sheet were found, from the left and the upper edge."""

    first_x = Millimetres(L("左上十字，距左边"), [NUMBER])
    first_y = Millimetres(L("左上十字，距上边"), [NUMBER])
    last_x = Millimetres(L("右下十字，距左边"), [NUMBER])
    last_y = Millimetres(L("右下十字，距上边"), [NUMBER])

    ERRORS: ClassVar[dict[str, str]] = {
        "first": "first_x", "last": "last_x", "offset_mm": "first_x", "scale": "last_x",
    }  # fmt: skip
