"""Routes of asking: the request form, over chosen folders or over the basket.

Everything works without scripts: each change of a kind, each folder taken out is a button of the one form,
so what was typed is never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid, Refused
from archive_app.core.i18n import _
from archive_app.loans import basket as baskets
from archive_app.loans import copies, forms, rows, rules, service, words
from archive_app.loans.models import Loan
from archive_app.loans.outcome import Outcome, Wanted, Wish, outcomes
from archive_app.loans.views import blueprint, book, ids, show
from archive_app.people import queries as people
from archive_app.people.access import current_actor, needs, note_refusal, now
from archive_app.people.forms import put_errors, whole
from archive_app.people.models import User
from archive_app.records.models import Folder

DEFAULT = "loan"


@dataclass(frozen=True)
class Desk:
    """What lies before the borrower: the lines, whether they are the basket's, and where the form goes."""

    lines: tuple[Wanted, ...]
    from_basket: bool
    url: str


@blueprint.route("/loans/new", methods=["GET", "POST"])
@needs("loan.request")
def request_form() -> ResponseReturnValue:
    """The request for chosen folders, with what would happen to each."""
    actor, at = current_actor(), now()
    wanted = [key for key in ids("folder") if key != _dropped()]
    folders = rows.known_folders(actor, wanted, at)
    copy = whole(request.values.get("copy"))
    one = copies.for_request(copy, actor=actor, at=at) if copy is not None and len(folders) == 1 else None
    lines = tuple(Wanted(folder, "photocopy" if one else _kind_of(folder), one) for folder in folders)
    return _ask(Desk(lines, False, url_for("loans.request_form")))


@blueprint.route("/loans/basket", methods=["GET", "POST"])
@needs("loan.request")
def basket() -> ResponseReturnValue:
    """The same form over all that is in one's basket."""
    actor, at = current_actor(), now()
    if request.method == "POST" and (gone := _dropped()) is not None:
        baskets.remove([gone], actor=actor, at=at)
    lines = tuple(Wanted(folder, _kind_of(folder)) for folder in baskets.of(actor, at))
    return _ask(Desk(lines, True, url_for("loans.basket")))


def _kind() -> str:
    """The kind for all that have none of their own."""
    wanted = request.values.get("look") or request.values.get("kind") or DEFAULT
    return wanted if wanted in words.KINDS else _known(request.values.get("kind"))


def _known(kind: str | None, other: str = DEFAULT) -> str:
    return kind if kind in words.KINDS else other


def _kind_of(folder: Folder) -> str:
    """The kind of one line: by its own button, else as chosen; a new one for all moves who had the old."""
    common, before = _kind(), _known(request.values.get("kind"))
    looked, _colon, kind = request.values.get("look", "").partition(":")
    if looked == str(folder.id):
        return _known(kind, common)
    own = _known(request.values.get(f"kind-{folder.id}"), common)
    return common if own == before else own


def _dropped() -> int | None:
    return whole(request.form.get("drop"))


def _only_looks() -> bool:
    return any(name in request.form for name in ("look", "drop"))


def _ask(desk: Desk) -> ResponseReturnValue:
    """Show the form, or send it; looking at another kind sends nothing."""
    form = _form(desk)
    borrower: User | None = None
    refusal: Refused | None = None
    note = ""
    try:
        borrower = _borrower()
        if not _only_looks() and form.validate_on_submit():
            found = _outcomes(desk, borrower, form)
            if not (note := _changed(found)):
                return _send(form, desk, found, borrower)
    except Invalid as error:
        put_errors(form, error.fields)
    except Refused as error:
        if error.code == "loan.duplicate":  # the other tab, or the second click, was first
            return _sent_before(desk, _outcomes(desk, borrower, form))
        note_refusal(refusal := error)
    found = _outcomes(desk, borrower, form)
    wrong = bool(form.errors or form.form_errors) and form.is_submitted() and not _only_looks()
    return show(
        "request", 409 if refusal or note else 422 if wrong else 200, form=form, outcomes=found,
        borrower=borrower, refusal=refusal, note=note, desk=desk, at=now(),
        open_to=[each for each in found if each.sendable], numbers=forms.NumbersForm(),
    )  # fmt: skip


def _form(desk: Desk) -> forms.RequestForm:
    form = forms.RequestForm()
    form.kind.data = desk.lines[0].kind if len(desk.lines) == 1 else _kind()  # one line: its kind is the kind
    purposes = book().lending.purposes
    form.purpose_class.choices = [("", _("不分类")), *((word, word) for word in purposes)]
    return form


def _outcomes(desk: Desk, borrower: User | None, form: forms.RequestForm) -> list[Outcome]:
    wish = Wish(form.wished_from.data, form.wished_until.data)
    if rules.check_wish(book().week, wish.since, wish.until, now()):
        wish = Wish()  # what is wrong is said beside its field
    return outcomes(current_actor(), desk.lines, now(), borrower, wish)


def _borrower() -> User | None:
    """Whom the archivist keys the request for at the counter; None: for oneself.

    Raises Invalid: the typed name is nobody's — never fall back to oneself.
    """
    if not current_actor().can("loan.desk"):
        return None
    if keys := ids("borrower"):
        return people.user(keys[0])
    text = request.values.get("borrower_text", "").strip()
    if text and (found := people.user_by_name_or_username(text)) is None:
        raise Invalid({"borrower": _("没有找到“%(name)s”，请从列表中选。", name=text[:40])})
    return found if text else None


# Sending


def _seen() -> set[tuple[int, str]] | None:
    """What the page that was sent had promised to ask for; None: it was no page of ours."""
    if "seen" not in request.form:
        return None
    pairs = (text.partition(".") for text in request.form.getlist("seen"))
    return {(key, kind) for text, _dot, kind in pairs if (key := whole(text)) is not None}


def _changed(found: Sequence[Outcome]) -> str:
    """Why what was sent is not what was shown; empty when it is."""
    seen = _seen()
    if seen is None:
        return ""
    now_open = {(each.folder.id, each.kind) for each in found if each.sendable}
    there = {(each.folder.id, each.kind) for each in found}
    same = {(each.folder.id, each.kind) for each in found if each.duplicate is not None}
    if (seen & there) - now_open - same:
        return _("情况变了，一份也没有提交。请看现在每份会怎样，再提交。")
    if now_open - seen or seen - there:
        return _("还没有提交。请先看改过的会怎样，再提交。")
    return ""


def _send(
    form: forms.RequestForm, desk: Desk, found: Sequence[Outcome], borrower: User | None
) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    wanted = [(each.folder.id, each.kind) for each in found if each.sendable]
    if not wanted and any(each.duplicate is not None for each in found):
        return _sent_before(desk, found)
    if not wanted:
        refusal = next((each.refusal for each in found if each.refusal), None)
        raise refusal or Refused(
            "loan.nothing", _("没有可以提交的档案。"), next_step=_("请换一种方式或档案。")
        )
    loans = _request(wanted, desk)(
        borrower_id=borrower.id if borrower else None, undertaking=form.undertaking.data,
        purpose_class=form.purpose_class.data or "", wished_from=form.wished_from.data,
        wished_until=form.wished_until.data, actor=actor, at=at,
        **{name: form[name].data or "" for name in rules.LIMITS},
    )  # fmt: skip
    if desk.from_basket:
        baskets.remove([loan.folder_id for loan in loans], actor=actor, at=at)
    flash(_said(loans), "ok")
    if len(loans) == 1:
        return redirect(url_for("loans.loan_page", loan_id=loans[0].id), 303)
    return redirect(url_for("loans.mine" if borrower is None else "loans.index"), 303)


def _request(wanted: list[tuple[int, str]], desk: Desk) -> Callable[..., list[Loan]]:
    """The verb for these lines: of a copy kept for lending there is only one."""
    copy = desk.lines[0].copy
    if copy is None:
        return lambda **what: service.request_loans(wanted, **what)
    return lambda **what: [service.request_loan(*wanted[0], copy_id=copy.id, **what)]


def _sent_before(desk: Desk, found: Sequence[Outcome]) -> ResponseReturnValue:
    """A form that was sent twice, or again after Back: the first request stands."""
    before = [each for each in found if each.duplicate is not None]
    if desk.from_basket:
        baskets.remove([each.folder.id for each in before], actor=current_actor(), at=now())
    flash(_("这些申请之前已经提交，没有再提交一次。"))
    if len(before) == 1:
        return redirect(url_for("loans.loan_page", loan_id=before[0].duplicate), 303)
    return redirect(url_for("loans.mine"), 303)


def _said(loans: Sequence[Loan]) -> str:
    direct = sum(loan.state == "approved" for loan in loans)
    if direct == len(loans):
        return _("%(n)s 份可以直接到档案室领取。", n=direct)
    if not direct:
        return _("已提交 %(n)s 份，批准后到档案室领取。", n=len(loans))
    return _("已提交 %(n)s 份：%(direct)s 份可以直接领取，其余批准后领取。", n=len(loans), direct=direct)
