"""The pages keep the strict Content-Security-Policy, load nothing from outside, and name what they show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from archive_app.core.i18n import _
from archive_app.web import assets, marks

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "archive_app" / "web" / "static"
TEMPLATES = sorted((ROOT / "templates" / "pages").rglob("*.html"))
SHEETS = sorted(STATIC.glob("*.css"))
MODULES = sorted(STATIC.glob("js/*.js"))


def source(path: Path) -> str:
    """A template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_has_inline_style_or_script(path: Path) -> None:
    text = source(path)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "javascript:" not in text
    for attributes, inside in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, flags=re.S):
        assert 'type="application/json"' in attributes or (" src=" in attributes and not inside.strip())


@pytest.mark.parametrize("path", [*TEMPLATES, *SHEETS, *MODULES], ids=name)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    text = source(path)
    assert not re.search(r"(?:src|href|action|poster|data)\s*=\s*[\"']?(?:https?:)?//", text)
    assert not re.search(r"url\(\s*[\"']?(?:https?:|//|data:)", text)
    assert "@import" not in text or path.suffix == ".html"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_asset_and_icon_of_a_template_exists(path: Path) -> None:
    text = source(path)
    for wanted in re.findall(r"asset\(['\"]([^'\"]+)['\"]\)", text):
        assert wanted in assets._files(), wanted
    icons = assets._files()["vendor/bootstrap-icons.min.css"].read_text()
    for wanted in re.findall(r"icon\(['\"]([\w-]+)['\"]\)", text):
        assert f".bi-{wanted}::before" in icons, wanted


@pytest.mark.parametrize("state", marks.STATES)
def test_every_state_has_an_icon_that_exists(state: str) -> None:
    icons = assets._files()["vendor/bootstrap-icons.min.css"].read_text()
    assert f".bi-{marks.STATES[state].icon}::before" in icons


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_imports_modules_that_exist(path: Path) -> None:
    for wanted in re.findall(r"from \"\./([\w.]+)\"", path.read_text()):
        assert (path.parent / wanted).exists()


def test_every_word_that_javascript_says_is_on_the_page() -> None:
    words = (ROOT / "templates" / "pages" / "_words.html").read_text(encoding="utf-8")
    for path in MODULES:
        for key in re.findall(r"\bsay\(\"(\w+)\"", path.read_text()):
            assert f'"{key}":' in words, (path.name, key)


class Specimen(FlaskForm):
    """One field of each kind."""

    title = StringField("题名", [InputRequired("请写题名。")])
    secrecy = SelectField("密级", choices=[("open", "非密"), ("secret", "秘密")])
    kind = RadioField("方式", choices=[("consult", "查阅"), ("loan", "外借")], default="loan")
    reason = TextAreaField("理由")
    promise = BooleanField("我会爱护档案。")


@pytest.fixture(scope="module")
def bare_app() -> Flask:
    """The look alone: no database, no rooms."""
    app = Flask("look", root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(SECRET_KEY="test", TESTING=True)
    CSRFProtect(app)
    marks.install(app)
    assets.install(app)
    app.jinja_env.globals.update(_=_)
    return app


class Page(HTMLParser):
    """What a page says about itself: tags, ids, names of controls, where links inside the page go."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.attributes.append((tag, found))
        if found.get("id"):
            self.ids[found["id"] or ""] += 1


@pytest.fixture(scope="module")
def gallery(bare_app: Flask) -> Iterator[Page]:
    def at(hour: int, minute: int) -> datetime:
        return datetime(2026, 11, 19, hour - 8, minute, tzinfo=UTC)

    person = {"name": "陈静宜", "title": "档案管理员", "initial": "陈"}
    urls = {name: f"/{name}" for name in ("home", "search", "desk", "me", "theme", "language", "sign_out")}
    shell = {
        "user": person,
        "urls": urls,
        "now": at(14, 32),
        "nav": [{"url": "/", "icon": "folder2", "text": "档案", "current": True}, {"rule": True}],
        "tabs": [{"url": "#menu", "icon": "list", "text": "更多"}],
        "unit": {"name": "档案室", "fonds": "Z01", "policy_version": 3},
    }
    with bare_app.test_request_context("/gallery", method="POST", data={"title": ""}):
        form = Specimen()
        form.validate()
        times = {"now": at(14, 32), "opens": at(8, 30), "closes": at(17, 30), "at": at}
        yield Page(render_template("pages/gallery.html", shell=shell, form=form, bar="1101" * 25, **times))


def test_the_gallery_has_one_heading_and_its_landmarks(gallery: Page) -> None:
    assert gallery.tags["h1"] == 1
    assert gallery.tags["main"] == 1
    assert gallery.tags["header"] == 1


def test_no_id_is_given_twice(gallery: Page) -> None:
    assert [found for found, times in gallery.ids.items() if times > 1] == []


def test_links_inside_the_page_lead_somewhere(gallery: Page) -> None:
    for _tag, found in gallery.attributes:
        href = found.get("href") or ""
        if href.startswith("#") and href != "#":
            assert href[1:] in gallery.ids


def test_every_control_has_a_name_for_readers(gallery: Page) -> None:
    labelled = {found.get("for") for tag, found in gallery.attributes if tag == "label"}
    for tag, found in gallery.attributes:
        if tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "radio"}:
            assert found.get("id") in labelled or found.get("aria-label") or "data-single-keys" in found


def test_a_wrong_field_says_so_beside_itself_and_on_top(gallery: Page) -> None:
    wrong = [found for _tag, found in gallery.attributes if found.get("id") == "title"]
    assert wrong[0]["aria-invalid"] == "true"
    assert "title-err" in (wrong[0]["aria-describedby"] or "")
    assert "title-err" in gallery.ids
    assert any(found.get("href") == "#title" for _tag, found in gallery.attributes)


def test_every_form_that_changes_things_carries_the_token(gallery: Page) -> None:
    forms = sum(tag == "form" and found.get("method") == "post" for tag, found in gallery.attributes)
    assert forms == sum(found.get("name") == "csrf_token" for _tag, found in gallery.attributes)


ERRORS = [path.stem for path in TEMPLATES if path.parent.name == "errors" and path.stem[0] != "_"]
REFUSAL = {"message": "不能外借", "rule": "不准外借。", "clause": "制度 七.3", "next_step": "预约阅览室"}


@pytest.mark.parametrize("error", ERRORS)
def test_error_pages_need_no_frame(bare_app: Flask, error: str) -> None:
    """They must also show when the database is broken."""
    with bare_app.test_request_context("/"):
        page = Page(render_template(f"pages/errors/{error}.html", refusal=REFUSAL, message="没有。"))
    assert page.tags["h1"] == 1


def test_a_refusal_always_has_its_four_parts(bare_app: Flask) -> None:
    text = "{% from 'pages/_cards.html' import refusal %}{{ refusal(r) }}"
    with bare_app.test_request_context("/"):
        card = bare_app.jinja_env.from_string(text).render(r=REFUSAL)
        decided = bare_app.jinja_env.from_string(text).render(r=REFUSAL | {"may_decide": "沈慧敏"})
    for part in [*REFUSAL.values(), "没有人可以破例批准"]:
        assert part in card
    assert "沈慧敏" in decided
    assert "没有人可以破例批准" not in decided


def test_what_people_typed_is_never_markup(bare_app: Flask) -> None:
    text = "{% from 'pages/_desk.html' import band %}{{ band({'kind': 'ok', 'number': x, 'title': x}) }}"
    with bare_app.test_request_context("/"):
        assert "<b>" not in bare_app.jinja_env.from_string(text).render(x="<b>")


def test_assets_are_kept_for_a_year_under_their_hash_only(bare_app: Flask) -> None:
    client = bare_app.test_client()
    with bare_app.test_request_context("/"):
        address = assets.asset("ui.css")
    kept = client.get(address)
    assert kept.status_code == 200
    assert "immutable" in kept.headers["Cache-Control"]
    other = client.get("/assets/0000000000/ui.css")
    assert "immutable" not in other.headers["Cache-Control"]


@pytest.mark.parametrize("wanted", ["../app.py", "vendor/../../__init__.py", "js/none.js", "bootstrap.css"])
def test_only_listed_files_are_served(bare_app: Flask, wanted: str) -> None:
    assert bare_app.test_client().get(f"/assets/x/{wanted}").status_code == 404


def test_icons_that_bootstrap_would_load_from_data_addresses_are_ours() -> None:
    """img-src 'self' blocks data: images; each selector that the pages use is given a file of ours."""
    css = (STATIC / "ui.css").read_text()
    checked = ".form-check-input:checked"
    for used in (".form-select", f"{checked}[type=checkbox]", f"{checked}[type=radio]"):
        assert re.search(re.escape(used) + r"[^{]*\{[^}]*url\(ico/\w+\.svg\)", css), used
    for file in re.findall(r"url\((ico/[\w.]+)\)", css):
        assert (STATIC / file).exists()
