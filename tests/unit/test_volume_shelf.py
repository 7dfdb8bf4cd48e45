"""How volumes stand on the drawn shelf."""

from __future__ import annotations

from archive_app.volumes.shelf import columns, spine


def test_spines_are_drawn_to_scale_and_thin_ones_can_still_be_hit():
    assert spine(33, "销售合同 二", "0014–0029", flagged=False).width == 118.8
    thin = spine(0.4, "销售合同", "0001", flagged=False)
    assert thin.slot >= 24
    assert thin.tail == ()
    assert spine(33, "销售合同", "0014–0029", flagged=False).tail == ("0014–0029",)
    assert spine(14, "销售合同", "0014–0029", flagged=False).tail == ("0014", "–0029")


def test_a_long_title_ends_in_an_ellipsis_and_a_short_one_is_whole():
    assert columns("销售合同 二", 1, 8) == ["销售合同 二"]
    assert columns("质保期事项及往来信函汇编", 1, 8) == ["质保期事项及往…"]
    assert "".join(columns("质保期事项及往来信函汇编", 3, 8)) == "质保期事项及往来信函汇编"
