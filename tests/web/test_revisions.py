"""The rule book by hand: read in words, changed, compared, tried, approved, taken back; nothing is lost."""

from __future__ import annotations

import html
import io
from datetime import timedelta

import pytest

from archive_app.core import clock, jobs
from archive_app.people import rulebook
from archive_app.revisions import service
from archive_app.revisions.models import Replay, Revision
from tests.lending import words

pytest_plugins = ["tests.lending"]


@pytest.fixture
def text(archive, at):
    return rulebook.current(at).book.text


@pytest.fixture
def draft(people, text, at):
    changed = text.replace("failures = 5", "failures = 3").replace("hours = 4\n", "hours = 2\n")
    return service.draft(changed, "三次就锁定", actor=people.admin, at=at)


@pytest.mark.requirement("AUD-19")
def test_the_rule_book_is_read_in_plain_words_with_every_section(sign_in):
    text = words(sign_in("borrower").get("/policy"))
    parts = ("催还", "没有人审批时", "排队", "丢失和损坏", "罚则", "复印件", "报警", "去向列表", "制度的批准")
    for part in parts:
        assert part in text, part
    assert "总经理批准" in text
    assert "客户档案管理制度 第32条" in text
    assert "版本和新版" not in text, "a borrower works on no drafts"


@pytest.mark.parametrize("name", ["S08", "S09", "S11", "S14", "S45", "S63", "S64", "default"])
def test_every_profile_can_be_read_in_plain_words_before_anyone_adopts_it(sign_in, name):
    page = sign_in("admin").get(f"/policy?book=p:{name}")
    assert page.status_code == 200
    assert f"样本 {name}" in words(page)


def test_a_borrower_reads_no_draft(sign_in, draft):
    for url in (f"/policy?book=r{draft.id}", f"/revisions/{draft.id}", "/revisions", "/policy?book=r"):
        assert sign_in("borrower").get(url).status_code in (403, 404), url


def test_a_text_with_faults_stays_in_the_form_with_key_line_and_what_is_allowed(sign_in, post, text):
    sign_in("admin")
    broken = text.replace("failures = 5", 'failures = "viele"')
    answer = post("/revisions/new", text=broken, reason="三次就锁定")
    assert answer.status_code == 422
    said = html.unescape(words(answer))
    assert "sign_in.failures" in said
    assert "允许：" in said
    assert said.count('failures = "viele"') == 2, "the line is shown, and the text is still there"
    assert "三次就锁定" in answer.text
    assert Revision.select().count() == 0


def test_a_file_is_uploaded_instead_of_typing(sign_in, post, text):
    sign_in("admin")
    file = (io.BytesIO(("\ufeff" + text.replace("failures = 5", "failures = 3")).encode()), "neu.toml")
    answer = post("/revisions/new", file=file, text="", reason="三次就锁定", profile="default")
    assert answer.status_code == 303
    row = Revision.get()
    assert "failures = 3" in row.text
    assert "失败" not in words(sign_in("admin").get(answer.location))
    wrong = post("/revisions/new", file=(io.BytesIO("制度".encode("gbk")), "alt.toml"), text=text, reason="x")
    assert wrong.status_code == 422
    assert "UTF-8" in words(wrong)


def test_a_draft_is_compared_proposed_and_approved(sign_in, post, draft, at):
    page = sign_in("admin").get(f"/revisions/{draft.id}")
    said = words(page)
    assert "秘密 › 使用 › 外借 › 小时" in said
    assert "输错几次锁定" in said
    assert post(f"/revisions/{draft.id}/propose", f"/revisions/{draft.id}").status_code == 303
    approval = Revision.get().approval_id
    shown = words(sign_in("gm").get(f"/approvals/{approval}"))
    assert "三次就锁定" in shown
    assert "改动：" in shown
    assert post(f"/approvals/{approval}", position="1", verdict="granted").status_code == 303
    assert rulebook.current(at + timedelta(seconds=1)).book.sign_in.failures == 3
    versions = words(sign_in("admin").get("/revisions"))
    assert "批准：周建国·三次就锁定" in versions


def test_a_date_in_the_past_is_said_beside_the_field(sign_in, post, draft):
    sign_in("admin")
    answer = post(f"/revisions/{draft.id}/propose", f"/revisions/{draft.id}", effective_from="2026-01-01")
    assert answer.status_code == 422
    assert "施行日期要晚于现在" in words(answer)


def test_a_coming_version_is_called_off(sign_in, post, draft, people, at):
    service.propose(draft.id, at + timedelta(days=9), actor=people.admin, at=at)
    version = service.decide(draft.id, "granted", actor=people.gm, at=at).version_id
    assert "未到施行日" in words(sign_in("gm").get("/revisions"))
    assert post(f"/revisions/versions/{version}/call-off", "/revisions").status_code == 303
    assert rulebook.current(at + timedelta(days=30)).version == 1


def test_two_administrators_with_the_same_draft_open_lose_nothing(sign_in, post, draft, people, at):
    url = f"/revisions/{draft.id}/edit"
    mine = draft.text.replace("failures = 3", "failures = 7")
    service.edit(draft.id, draft.text + "# 别人\n", "别人改的", 1, actor=people.director, at=at)
    sign_in("admin")
    answer = post(url, text=mine, reason="我的改动", edition="1")
    assert answer.status_code == 409
    assert "failures = 7" in answer.text
    assert "我的改动" in answer.text
    assert "director 刚改过" in words(answer) or "吴文清 刚改过" in words(answer)


def test_a_stale_draft_says_so_and_is_refreshed_by_one_button(sign_in, post, draft, people, text, at):
    rulebook.adopt(text + "# 新\n", "default", actor=people.gm, at=at)
    url = f"/revisions/{draft.id}"
    assert "现行制度已换成第 2 版" in words(sign_in("admin").get(url))
    assert post(f"{url}/propose", url).status_code in (409, 303)
    assert Revision.get().state == "draft"
    post(f"{url}/refresh", url)
    assert Revision.get().base.version == 2


def test_the_tester_asks_a_draft_about_a_folder_that_is_thought_up(sign_in, draft, people):
    who = people.borrower.user_id
    asked = f"/policy/ask?person={who}&secrecy=secret&action=loan&moment=2026-11-19T10:00"
    assert "最长 4 小时" in words(sign_in("admin").get(asked))
    answer = words(sign_in("admin").get(f"{asked}&book=r{draft.id}"))
    assert "最长 2 小时" in answer
    assert "总经理或分管副总经理批准" in answer
    assert sign_in("admin").get(f"{asked}&book=v1").status_code == 200
    assert sign_in("admin").get(f"{asked}&book=v77").status_code == 404
    assert sign_in("admin").get(f"/policy/ask?person={who}&action=loan").status_code == 422


def test_a_replay_runs_in_the_background_and_is_drawn(sign_in, post, draft, approved, desk, at, monkeypatch):
    loan = approved("secret")
    desk.hand(loan, at)
    desk.back(loan, at + timedelta(hours=3))
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=1))
    sign_in("admin")
    answer = post("/policy/replay", f"/revisions/{draft.id}", book=f"r{draft.id}")
    assert answer.status_code == 303
    assert "排队中" in words(sign_in("admin").get(answer.location))
    progress = sign_in("admin").get(answer.location, headers={"Accept": "application/json"}).json
    assert progress["done"] is False
    jobs.work_off()
    page = sign_in("admin").get(answer.location)
    assert Replay.get().state == "done"
    assert "1 件中 1 件会不同" in words(page)
    assert "会成为逾期" in words(page)
    assert loan.folder.file_number not in page.text, "no file number in a replay"
    assert sign_in("borrower").get(answer.location).status_code == 403
