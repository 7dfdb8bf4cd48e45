"""One folder's whole life without a browser: number, label, scan, find, lend, return, and what is refused."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from archive_app.approvals import queries as approvals
from archive_app.core import audit, clock, jobs, migrate, storage
from archive_app.core import db as database
from archive_app.core.errors import Refused
from archive_app.core.i18n import _
from archive_app.demo import seed
from archive_app.demo.room import Room
from archive_app.desk import service as desk
from archive_app.desk.answers import Answer
from archive_app.desk.search import search
from archive_app.loans import queries as loans
from archive_app.loans import service as lending
from archive_app.loans import slips
from archive_app.loans.models import Loan
from archive_app.people import rulebook
from archive_app.people.actor import Actor
from archive_app.printing import barcode, labels
from archive_app.records import queries as records
from archive_app.records import service as keeping
from archive_app.records import sheets as folder_sheets
from archive_app.records.models import Folder
from archive_app.records.numbers import register_folder
from archive_app.scans import pipeline
from archive_app.scans import service as scanning
from archive_app.scans.models import ScanPage

OUT = database.ROOT / "out" / "demo"
SHARED = database.ROOT.parent / "shared" / "pages"
REAL_PAGES = (
    "p07_contract_gbsn__stamp.jpg", "p01_policy_uming12__scan.jpg", "p14_remark_uming14__skew.jpg",
)  # fmt: skip
SHEET, ROLL = "L7160", "roll-50x30"


class Life:
    """The story so far: who takes part, what was printed, and the lines of the summary."""

    def __init__(self, here: Room, start: datetime, out: Path) -> None:
        self.here, self.at, self.out = here, start, out
        self.lines: list[str] = []

    def tell(self, text: str) -> None:
        """Print a line and keep it for the summary."""
        self.lines.append(text)
        print(text)

    def chapter(self, text: str, minutes: int = 6) -> None:
        """Begin a step, some office minutes after the one before."""
        self.at += timedelta(minutes=minutes)
        self.tell(f"\n## {clock.local(self.at):%H:%M} {text}\n")

    def keep(self, name: str, data: bytes) -> None:
        """Leave a printed thing in the output folder."""
        (self.out / name).write_bytes(data)
        self.tell(f"- {name}（{len(data) / 1000:.1f} kB）")

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Tell how long a step took on this machine."""
        began = time.perf_counter()
        yield
        self.tell(f"- {what}：{time.perf_counter() - began:.2f} s")


def main() -> None:
    """Live through it in a temporary archive and leave labels, slips and summary.md in out/demo."""
    OUT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="archive_life_") as scratch:
        _open(Path(scratch))
        now = clock.now()
        here = seed.found(now - timedelta(days=30), now)
        life = Life(here, here.diary.day(1, 9, 0), OUT)
        life.tell("# " + _("一份档案的一生") + f" · {clock.local(life.at):%Y-%m-%d}")
        folder = _register(life)
        _label(life, folder)
        _scan(life, folder, Path(scratch))
        _find(life, folder)
        loan = _lend(life, folder)
        _print_slips(life, loan)
        _count_down(life, loan)
        _give_back(life, folder)
        _refuse(life)
        _verify(life)
        database.db.close()
    (OUT / "summary.md").write_text("\n".join(life.lines) + "\n", "utf-8")
    print("\n" + _("都在 %(folder)s", folder=os.path.relpath(OUT)))


def _open(folder: Path) -> None:
    database.connect(f"sqlite:///{folder / 'archive.db'}")
    migrate.up()
    jobs.open_queue("memory:")
    storage.open_storage(str(folder / "store"))


def _register(life: Life) -> Folder:
    life.chapter(_("登记，得档号"))
    title, party = "成都天府食品销售有限公司数控铣床购销合同", "成都天府食品销售有限公司"
    folder = _registered(life, title, "secret", party)
    keeping.add_document(
        folder.id, reference="XS-2020-0809", author=party, title="产品购销合同", pages=3,
        actor=_archivist(life), at=life.at,
    )  # fmt: skip
    life.tell(f"- {folder.file_number} {folder.title}（秘密）")
    life.tell(f"- 条码 {barcode.spaced(folder_sheets.payload_of(folder))}")
    return folder


def _registered(life: Life, title: str, secrecy: str, party: str = "") -> Folder:
    return register_folder(
        "HT", clock.local(life.at).year, title, secrecy=secrecy, party=party,
        department_id=life.here.departments["XS"].id, place="一号库房 A03 柜 2 格 盒 04",
        actor=_archivist(life), at=life.at,
    )  # fmt: skip


def _label(life: Life, folder: Folder) -> None:
    life.chapter(_("打标签"))
    label = folder_sheets.label_of(folder, rulebook.current(life.at))
    roll = labels.load_stock(ROLL)
    life.keep("label-sheet.pdf", labels.labels_pdf([label], labels.load_stock(SHEET)))
    single = labels.labels_pdf([label], roll)
    life.keep("label.zpl", labels.labels_zpl([label], roll))
    life.keep("label.png", _picture(single))
    keeping.note_print([folder], "label", actor=_archivist(life), at=life.at, stock=ROLL)


def _picture(pdf: bytes) -> bytes:
    """The first page of a PDF as PNG at 300 dpi."""
    import io

    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    data = io.BytesIO()
    document[0].render(scale=300 / 72).to_pil().save(data, "PNG")
    document.close()
    return data.getvalue()


def _scan(life: Life, folder: Folder, scratch: Path) -> None:
    life.chapter(_("扫描，识别"))
    (document,) = records.documents_of(folder.id)
    for path in _paper(scratch):
        scanning.add_scan(folder.id, document.id, path, path.name, actor=_archivist(life), at=life.at)
    with life.timed(_("分页并识别")):
        pipeline.work_queue(100, life.at)
    for page in ScanPage.select().where(ScanPage.folder == folder.id).order_by(ScanPage.id):
        words = re.sub(r"\s+", " ", page.text)[:40]
        sure = f"可信度 {page.confidence or 0:.0f} %"
        life.tell(f"- {page.file.filename}：{len(page.text)} 字，{sure}，「{words}…」")


def _paper(scratch: Path) -> list[Path]:
    """Real scans beside the project if there are any, else pages drawn here."""
    real = [SHARED / name for name in REAL_PAGES]
    if all(path.is_file() for path in real):
        return real
    from archive_app.demo import pages

    buyer, seller = "成都天府食品销售有限公司", "上海恒远机械设备有限公司"
    contract = pages.contract_page("XS-2020-0809", buyer, seller, "2025-09-04")
    drawn = (pages.worn(contract, "stamp"), pages.policy_page(0), pages.worn(pages.policy_page(2), "copy"))
    return [pages.save(page, scratch) for page in drawn]


def _find(life: Life, folder: Folder) -> None:
    life.chapter(_("检索：一个字、两个字、整个词"))
    actor, text = _archivist(life), "".join(p.text for p in ScanPage.select())
    for words in (("档", "货", "款"), ("合同", "档案"), ("档案管理员", "有限公司", "保管期限")):
        word = next(word for word in words if word in text)
        found = search(word, where="text", actor=actor, at=life.at)
        _expect(any(hit.folder.id == folder.id for hit in found.hits), f"{word} not found")
        hit = found.hits[0]
        milliseconds = found.seconds * 1000
        shown = "".join(f"【{part}】" if is_hit else part for part, is_hit in hit.parts)
        life.tell(
            f"- {word}：{hit.folder.file_number} 第 {hit.page_number} 页「{shown}」（{milliseconds:.0f} ms）"
        )


def _lend(life: Life, folder: Folder) -> Loan:
    life.chapter(_("申请，审批"))
    borrower = life.here.actor("王静娟", life.at)
    loan = lending.request_loan(
        folder.id, "loan", purpose="续约谈判", reason="与天府食品谈续约，核对账期。", undertaking=True,
        actor=borrower, at=life.at,
    )  # fmt: skip
    result = loans.outcome(borrower, folder, "loan", life.at)
    life.tell(f"- 王静娟申请外借。{result.text}（{result.clause}）")
    for step in approvals.chain_view(approvals.approval_for(loan.approval_id), life.at):
        decider = step.candidates[0]
        actor = life.here.actor(decider.user.name, life.at)
        lending.decide_loan(loan.id, "granted", actor=actor, at=life.at)
        life.tell(f"- {decider.user.name}（{decider.words}）{step.verb}（{step.clause}）")
    life.chapter(_("扫码台：扫人，扫档案，就借出"))
    person = barcode.payload(barcode.BarcodeType.PERSON, borrower.user_id)
    for code in (person, folder_sheets.payload_of(folder)):
        _say(life, _at_desk(life, code))
    _expect(loans.get_loan(loan.id).state == "out", "not handed over")
    return loans.get_loan(loan.id)


def _at_desk(life: Life, code: str) -> Answer:
    row = desk.scan(code, desk="life", request_id=uuid.uuid4().hex, actor=_archivist(life), at=life.at)
    return Answer.from_json(row.answer)


def _say(life: Life, answer: Answer) -> None:
    why = f"（{answer.why}）" if answer.why else ""
    life.tell(f"- 【{answer.verb}】{answer.number} {answer.sentence}{why}")


def _print_slips(life: Life, loan: Loan) -> None:
    life.chapter(_("借阅单，代卷卡"))
    for form, name in (("loan_slip", "loan-slip.pdf"), ("out_card", "out-card.pdf")):
        _row, pdf = slips.print_slip(loan.id, form, actor=_archivist(life), at=life.at)
        life.keep(name, pdf)


def _count_down(life: Life, loan: Loan) -> None:
    life.chapter(_("倒计时"))
    assert loan.handed_at and loan.due_at
    life.tell(f"- {loan.due_reason}（{loan.due_clause}）")
    for moment in (loan.handed_at + timedelta(hours=1), loan.due_at - timedelta(minutes=15)):
        left = int((loan.due_at - moment).total_seconds()) // 60
        life.tell(f"- {clock.local(moment):%H:%M} 还有 {left // 60} 小时 {left % 60} 分")
    (late,) = loans.out_list(loan.due_at + timedelta(minutes=1))
    _expect(late.shown == "overdue", "not overdue")
    life.tell(f"- {clock.local(loan.due_at + timedelta(minutes=1)):%H:%M} 若还没还：逾期")


def _give_back(life: Life, folder: Folder) -> None:
    life.chapter(_("扫码台：扫档案，就归还"), minutes=70)
    desk.put_down(desk="life", actor=_archivist(life), at=life.at)
    _say(life, _at_desk(life, folder_sheets.payload_of(folder)))
    _expect(keeping.get_folder(folder.id).custody == "on_shelf", "not on the shelf")


def _refuse(life: Life) -> None:
    life.chapter(_("绝密、机密：办不了，说清楚为什么"))
    for secrecy, name in (("top_secret", "周建国"), ("confidential", "林志远")):
        folder = _registered(life, "核心客户底价表", secrecy)
        try:
            lending.request_loan(
                folder.id, "loan", purpose="参考", undertaking=True,
                actor=life.here.actor(name, life.at), at=life.at,
            )  # fmt: skip
        except Refused as refused:
            who = refused.may_decide or _("没有人可以破例批准")
            life.tell(f"- {name}：{refused.message}「{refused.rule}」（{refused.clause}）")
            life.tell(f"  {who}。{refused.next_step}")
        else:
            _expect(False, f"{secrecy} was lent")


def _verify(life: Life) -> None:
    life.chapter(_("核对审计链"))
    _expect(audit.verify() == [], "the audit chain is broken")
    seq, digest = audit.head()
    life.tell(f"- {seq} 条，逐条相符，链头 {digest[:16]}")


def _archivist(life: Life) -> Actor:
    return life.here.archivist(life.at)


def _expect(true: bool, otherwise: str) -> None:
    """Stop with an error when the story does not go as told."""
    if not true:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    main()
