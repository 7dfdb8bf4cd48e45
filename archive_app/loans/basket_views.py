"""Routes of the basket (借阅车): what goes in by a button or by typed numbers, and what is taken out."""

from __future__ import annotations

from flask import flash, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.loans import basket, forms
from archive_app.loans.views import blueprint, ids
from archive_app.people.access import current_actor, needs, now, wants_json


@blueprint.app_template_global("in_basket")
def in_basket(folder_id: int) -> bool:
    """Whether a folder is in the basket of the person who reads this page; one query a page."""
    if "basket" not in g:
        g.basket = set(basket.ids(current_actor()))
    return folder_id in g.basket


@blueprint.post("/loans/basket/add")
@needs("loan.request")
def basket_add() -> ResponseReturnValue:
    """Put folders into the basket, by the button of a list, or by numbers typed or pasted."""
    actor, at = current_actor(), now()
    if "numbers" in request.form:
        return _add_numbers()
    added = basket.add(ids("folder"), actor=actor, at=at)
    text = _("已加入借阅车，共 %(n)s 份。", n=basket.count(actor, at))
    if wants_json():
        return jsonify(added=added, count=basket.count(actor, at), text=text)
    flash(text, "ok")
    return redirect(_back(), 303)


def _add_numbers() -> ResponseReturnValue:
    form = forms.NumbersForm()
    try:
        typed = basket.add_numbers(form.numbers.data or "", actor=current_actor(), at=now())
    except Invalid as error:
        flash("；".join(error.fields.values()), "stop")
        return redirect(url_for("loans.basket"), 303)
    if typed.added:
        flash(_("加入 %(n)s 份。", n=len(typed.added)), "ok")
    if typed.known:
        flash(_("%(n)s 份已经在借阅车里。", n=len(typed.known)))
    for text, why in list(typed.wrong.items())[:10]:
        flash(_("%(what)s：%(why)s", what=text, why=why), "stop")
    return redirect(url_for("loans.basket"), 303)


@blueprint.post("/loans/basket/remove")
@needs("loan.request")
def basket_remove() -> ResponseReturnValue:
    """Take folders out of the basket, or all of them."""
    actor, at = current_actor(), now()
    if request.form.get("all"):
        gone = basket.clear(actor=actor, at=at)
    else:
        gone = basket.remove(ids("folder"), actor=actor, at=at)
    if wants_json():
        return jsonify(removed=gone, count=basket.count(actor, at))
    flash(_("已从借阅车移出 %(n)s 份。", n=gone))
    return redirect(_back(), 303)


def _back() -> str:
    """Where the person was, if that is a page of ours; else the basket."""
    text = request.form.get("next", "")
    ours = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if ours else url_for("loans.basket")
