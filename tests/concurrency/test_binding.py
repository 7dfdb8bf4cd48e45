"""A process is killed while it binds: the volume is bound whole with all its sheets, or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from archive_app.core import audit, storage
from archive_app.core.errors import Refused
from archive_app.prints import drawing
from archive_app.prints.models import Print
from archive_app.volumes import service
from archive_app.volumes.models import Binding, Volume, VolumeItem
from tests.conftest import AT, ROOT
from tests.volumes import actors, checked, folder, fresh

# What the process did last, and whether the volume then is bound.
DEATHS = {
    "the number is given": 'INSERT INTO "counter"',
    "the pack is ordered": 'INSERT INTO "print"',
    "the worker has taken the pack": '"lease_until" =',
    "the volume is marked bound, not committed": 'UPDATE "volume" SET "state"',
    "the content is frozen, not committed": 'INSERT INTO "binding"',
    "the audit is written, not committed": "UPDATE audit_head SET digest",
}
# Every moment on SQLite; on PostgreSQL the two between which all is decided.
CASES = [
    *(("sqlite", death) for death in DEATHS),
    ("postgresql", "the number is given"),
    ("postgresql", "the content is frozen, not committed"),
]


def ready(people) -> Volume:
    folder("合同", "附件", actor=people.archivist)
    return checked(people)[0]


def bind_elsewhere(both, volume: Volume, words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.concurrency.binding",
        both.url,
        storage.storage().url,
        str(volume.id),
    ]
    return subprocess.run([*command, words], cwd=ROOT, capture_output=True, text=True, timeout=200)


def check_whole_or_not(volume: Volume) -> bool:
    """Bound with its frozen content, its finished pack and the file of it; or none of these."""
    volume = fresh(volume)
    bindings, packs = list(Binding.select()), list(Print.select().where(Print.state == "done"))
    if volume.state == "bound":
        (binding,), (pack,) = bindings, packs
        assert binding.pack == pack.id == volume.pack
        assert binding.digest == pack.digest == volume.digest
        assert storage.storage().intact(pack.file)
        return True
    assert (volume.state, bindings, packs) == ("checked", [], [])
    return False


@pytest.mark.slow
@pytest.mark.requirement("ARR-27")
@pytest.mark.parametrize(
    ("both", "words"),
    [pytest.param(engine, DEATHS[death], id=f"{engine}-{death}") for engine, death in CASES],
    indirect=["both"],
)
def test_a_process_killed_during_binding_leaves_all_or_nothing_and_the_next_try_binds(both, words):
    people = actors()
    volume = ready(people)
    died = bind_elsewhere(both, volume, words)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not check_whole_or_not(volume)
    number = fresh(volume).number

    later = AT + timedelta(hours=1)  # the lease of the dead worker is over
    pack = service.bind(volume.id, actor=people.archivist, at=later)
    drawing.draw(pack.id, later)
    assert check_whole_or_not(volume)
    assert fresh(volume).number == (number or "Z01-HT·2025-0001") == "Z01-HT·2025-0001"
    assert audit.verify() == []


def test_two_archivists_proposing_a_year_at_once_put_every_document_into_one_volume(both):
    people = actors()
    for n in range(6):
        folder(f"合同{n}", actor=people.archivist, pages=200)
    faults: list[BaseException] = []

    def propose_it():
        with both.db.connection_context():
            try:
                service.propose("HT", 2025, actor=people.archivist, at=AT)
            except Exception as error:
                faults.append(error)

    threads = [threading.Thread(target=propose_it) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    standing = VolumeItem.select().where(VolumeItem.released_at.is_null())
    assert len({item.document_id for item in standing}) == standing.count() == 6
    assert Volume.select().where(Volume.state == "open").count() == 6


@pytest.mark.slow
def test_two_archivists_binding_a_year_at_once_give_every_volume_one_number(both):
    people = actors()
    for n in range(4):
        folder(f"合同{n}", actor=people.archivist, pages=200)
    volumes = checked(people)
    faults: list[BaseException] = []

    def bind_all(order):
        with both.db.connection_context():
            for volume in order:
                try:
                    service.bind(volume.id, actor=people.archivist, at=AT)
                except Refused as refusal:
                    faults.append(refusal)

    threads = [threading.Thread(target=bind_all, args=(order,)) for order in (volumes, volumes[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for pack in Print.select().order_by(Print.id):
        drawing.draw(pack.id, AT)
    assert sorted(fresh(volume).serial for volume in volumes) == [1, 2, 3, 4]
    assert {fresh(volume).state for volume in volumes} == {"bound"}
    assert Binding.select().count() == 4
