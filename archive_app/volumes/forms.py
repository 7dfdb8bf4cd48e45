"""Forms of volumes: moving documents, accepting differences, naming, changing, opening and boxing volumes."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from archive_app.core.i18n import Lazy as L
from archive_app.records.forms import WholeNumber
from archive_app.volumes.changes import KINDS
from archive_app.volumes.facts import PROBLEMS

SHORT = Length(max=500, message=L("太长。请写在 500 字以内。"))
REASON = [InputRequired(L("请写理由，会留在记录里。")), SHORT]
PLACE = [InputRequired(L("请填第几位。")), NumberRange(1, 9_999, L("请填 1 以上的数。"))]


class MoveForm(FlaskForm):
    """A document to another place in its volume; ``whole`` takes its group along."""

    place = WholeNumber(L("第几位"), PLACE)
    whole = BooleanField(L("整组一起移"))
    reason = StringField(L("移动的理由"), REASON)
    revision = HiddenField()


class FolderMoveForm(FlaskForm):
    """All documents of a folder to another volume, or out of all volumes."""

    to = SelectField(L("移到"))
    reason = StringField(L("理由"), REASON)
    revision = HiddenField()


class YearForm(FlaskForm):
    """The year in which a document is bound, against the rule's proposal."""

    year = WholeNumber(L("归入年度"), [InputRequired(L("请填年度。"))])
    reason = StringField(L("理由"), REASON)


class AcceptForm(FlaskForm):
    """Why a difference no longer holds the volume back."""

    problem = SelectField(L("差异"), choices=list(PROBLEMS.items()))
    reason = StringField(L("为什么可以照此装订"), REASON)


class NameForm(FlaskForm):
    """The title of a volume and the free words of its remark sheet."""

    title = TextAreaField(L("案卷题名"), [InputRequired(L("请填案卷题名。"))])
    remark = TextAreaField(L("备考表说明"))
    revision = HiddenField()


class AddendumForm(FlaskForm):
    """A line of the change record of a bound volume."""

    kind = SelectField(L("变动"), choices=[(code, name) for code, name in KINDS.items() if code != "noted"])
    text = StringField(
        L("说明"),
        [InputRequired(L("请写发生了什么。")), SHORT],
    )


class UnbindForm(FlaskForm):
    """Why a bound volume must be opened again."""

    reason = TextAreaField(L("拆卷理由"), REASON)


class DecisionForm(FlaskForm):
    """A decision on the step that the person saw; ``verdict`` is the button pressed."""

    position = HiddenField()
    reason = StringField(L("理由"))


class BoxForm(FlaskForm):
    """The box that a bound volume goes into: its label scanned or typed, or chosen."""

    box = StringField(L("盒号或条码"), [InputRequired(L("请扫盒的条码，或写盒号。"))])
