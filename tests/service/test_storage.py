"""The store of originals: addressed by content, whole or not there, on a folder or by URL."""

import hashlib

import pytest

from archive_app.core.storage import Storage


@pytest.fixture(params=["folder", "url"])
def store(request, tmp_path):
    return Storage(
        str(tmp_path / "store") if request.param == "folder" else f"memory://store-{tmp_path.name}"
    )


def test_what_is_put_in_comes_out_under_its_sha256(store):
    data = "合同原件".encode() * 1000
    digest = store.put_bytes(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert store.read(digest) == data
    assert store.intact(digest)


def test_the_same_bytes_twice_are_stored_once(store):
    assert store.put_bytes(b"x") == store.put_bytes(b"x")


def test_a_file_damaged_on_disk_is_told(tmp_path):
    store = Storage(str(tmp_path))
    digest = store.put_bytes(b"original")
    (tmp_path / store.address(digest)).write_bytes(b"changed!")
    assert not store.intact(digest)


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    import shutil

    store = Storage(str(tmp_path))

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        store.put_bytes(b"too much")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
