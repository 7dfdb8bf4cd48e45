"""The guard: a file that hangs, swells or crashes its child costs that child and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from archive_app.demo import pages
from archive_app.scans import guard

PARENT = """
import sys
from pathlib import Path
from archive_app.scans import guard
guard.read_page(Path(sys.argv[1]), 300)
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A full page, some seconds of reading."""
    return pages.save(pages.policy_page(0), tmp_path_factory.mktemp("page"))


def below(pid):
    """The processes below ``pid``, children first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *below(child)]
    return found


def family(pid):
    """The guard's child below ``pid`` and what it started; other tests have children of their own."""
    for child in below(pid):
        try:
            if b"guarded_work" in Path(f"/proc/{child}/cmdline").read_bytes():
                return [child, *below(child)]
        except OSError:
            continue
    return []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def await_that(told, seconds=30):
    """Wait until ``told()`` is true; whether it became so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if told():
            return True
        time.sleep(0.05)
    return False


def test_reading_that_takes_too_long_is_stopped_with_all_it_started(page):
    with pytest.raises(guard.WorkFailed, match="超过 2 秒") as failure:
        guard.guarded("read", page, {"dpi": 300, "engine": "tesseract"}, timeout_s=1.6)
    assert failure.value.reason == guard.TIMED_OUT
    assert await_that(lambda: not family(os.getpid()))


def test_a_page_that_needs_too_much_memory_is_stopped_and_says_so(page):
    with pytest.raises(guard.WorkFailed, match="内存不够") as failure:
        guard.guarded("read", page, {"dpi": 300, "engine": "tesseract"}, timeout_s=60, memory_mb=310)
    assert failure.value.reason == guard.OUT_OF_MEMORY


def test_a_child_that_crashes_is_told_apart(page):
    def shoot():
        assert await_that(lambda: family(os.getpid()))
        time.sleep(0.1)
        os.kill(family(os.getpid())[0], signal.SIGSEGV)

    thread = threading.Thread(target=shoot)
    thread.start()
    with pytest.raises(guard.WorkFailed) as failure:
        guard.read_page(page, 300)
    thread.join()
    assert failure.value.reason == guard.CRASHED
    assert "-11" in failure.value.detail


def test_a_file_that_is_no_picture_is_unreadable(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    with pytest.raises(guard.WorkFailed) as failure:
        guard.read_page(path, 300)
    assert failure.value.reason == guard.UNREADABLE


def test_a_killed_parent_leaves_neither_child_nor_tesseract(page):
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(page)], cwd=root)
    try:
        assert await_that(lambda: len(family(parent.pid)) >= 2)  # the child and its tesseract
        below = family(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert await_that(lambda: not any(alive(pid) for pid in below))


def test_the_child_does_not_see_the_secrets_of_the_house(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("SECRET_KEY", "secret")
    assert not {"DATABASE_URL", "SECRET_KEY"} & set(guard._environment(str(tmp_path)))


def test_nothing_is_left_in_the_temporary_folder(page, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(guard.WorkFailed):
        guard.guarded("read", page, {"dpi": 300, "engine": "tesseract"}, timeout_s=1.6)
    assert list(tmp_path.iterdir()) == []
