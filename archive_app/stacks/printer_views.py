"""Screens of the label printers: what is kept of each, its calibration sheet, what was measured on it."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from archive_app.core.errors import Invalid
from archive_app.core.i18n import _
from archive_app.people.access import current_actor, needs, now
from archive_app.people.forms import put_errors
from archive_app.printing import labels
from archive_app.stacks import forms
from archive_app.stacks import printers as keeping
from archive_app.stacks.models import Printer
from archive_app.stacks.views import blueprint


@blueprint.route("/printers", methods=["GET", "POST"])
@needs("label.print")
def printers() -> ResponseReturnValue:
    """The printers that are kept, and the form for one more."""
    form = forms.PrinterForm()
    form.stock.choices = _stocks()
    if form.validate_on_submit():
        try:
            row = keeping.add_printer(form.name.data, form.stock.data, actor=current_actor(), at=now())
        except Invalid as error:
            put_errors(form, error.fields)
        else:
            flash(_("已登记 %(name)s。下一步：打印校准页。", name=row.name), "ok")
            return redirect(url_for("stacks.printer", printer_id=row.id), 303)
    rows = keeping.printers(current_actor())
    page = render_template("pages/stacks/printers.html", form=form, rows=rows, stocks=dict(_stocks()))
    return page, 422 if form.errors else 200


@blueprint.route("/printers/<int:printer_id>", methods=["GET", "POST"])
@needs("label.print")
def printer(printer_id: int) -> ResponseReturnValue:
    """One printer: stock, next free label, offset and scale; and its calibration."""
    row = keeping.printer_for(current_actor(), printer_id)
    form = _edit_form(row)
    if form.validate_on_submit():
        try:
            keeping.set_printer(
                printer_id, name=form.name.data, stock=form.stock.data, next_start=form.next_start.data,
                offset_mm=(form.offset_x.data, form.offset_y.data), scale=form.scale.data,
                actor=current_actor(), at=now(),
            )  # fmt: skip
        except Invalid as error:
            _beside(form, form.ERRORS, error)
        else:
            flash(_("已保存 %(name)s 的设置。", name=form.name.data), "ok")
            return redirect(url_for("stacks.printer", printer_id=printer_id), 303)
    return _page(row, form, forms.CalibrationForm(formdata=None)), 422 if form.errors else 200


@blueprint.post("/printers/<int:printer_id>/calibrate")
@needs("label.print")
def calibrate(printer_id: int) -> ResponseReturnValue:
    """Take what was measured on the calibration sheet, and keep what makes it good."""
    row = keeping.printer_for(current_actor(), printer_id)
    form = forms.CalibrationForm()
    if form.validate_on_submit():
        found = labels.Measured(
            (form.first_x.data, form.first_y.data), (form.last_x.data, form.last_y.data)
        )  # fmt: skip
        try:
            row, mended = keeping.calibrate(printer_id, found, actor=current_actor(), at=now())
        except Invalid as error:
            _beside(form, form.ERRORS, error)
        else:
            x, y = mended.offset_mm
            flash(_("已校准：右移 %(x)s mm，下移 %(y)s mm，缩放 %(s)s。", x=x, y=y, s=mended.scale), "ok")
            if mended.uneven:
                flash(_("横竖缩得不一样，只能取中。请关掉打印机的“适合页面”。"), "wait")
            return redirect(url_for("stacks.printer", printer_id=printer_id), 303)
    return _page(row, _edit_form(row, formdata=None), form), 422


@blueprint.get("/printers/<int:printer_id>/calibration.pdf")
@needs("label.print")
def calibration(printer_id: int) -> ResponseReturnValue:
    """The calibration sheet; with ``check`` the corrected one."""
    row = keeping.printer_for(current_actor(), printer_id)
    pdf = keeping.calibration_sheet(row, corrected=bool(request.args.get("check")))
    headers = {"Content-Disposition": f'inline; filename="calibration-{row.id}.pdf"'}
    return Response(pdf, mimetype="application/pdf", headers=headers)


@blueprint.post("/printers/<int:printer_id>/close")
@needs("label.print")
def close_printer(printer_id: int) -> ResponseReturnValue:
    """Offer a printer no longer."""
    keeping.close_printer(printer_id, actor=current_actor(), at=now())
    flash(_("不再使用这台打印机。"), "ok")
    return redirect(url_for("stacks.printers"), 303)


def _edit_form(row: Printer, **more: None) -> forms.PrinterEditForm:
    shown = {"offset_x": row.offset_x_mm, "offset_y": row.offset_y_mm}
    form = forms.PrinterEditForm(obj=row, data=shown, **more)
    form.stock.choices = _stocks()
    return form


def _page(row: Printer, form: forms.PrinterEditForm, measured: forms.CalibrationForm) -> str:
    stock = labels.load_stock(row.stock)
    crosses = labels.crosses(stock)
    return render_template(
        "pages/stacks/printer.html", printer=row, form=form, measured=measured, stock=stock, crosses=crosses
    )


def _stocks() -> list[tuple[str, str]]:
    return [(stock.name, stock.title) for stock in labels.stocks()]


def _beside(form: FlaskForm, fields: dict[str, str], error: Invalid) -> None:
    """Show what the verb found wrong beside the field it stands in."""
    put_errors(form, {fields.get(name, name): message for name, message in error.fields.items()})
