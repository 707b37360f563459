"""The known text that is most alike."""

from __future__ import annotations

from attendo.tasks import MostAlike, nearest


def test_the_most_alike_is_found(monkeypatch):
    known = [
        "a man plays a guitar",
        "two dogs run in the snow",
        "一个男人在弹吉他",
        "两只狗在雪地里跑",
        "two dogs run in the snow",
    ]
    alike = MostAlike(known)
    asked = ["the dogs run through snow", "男人弹吉他", "a guitar is played by a man", *known]
    found = alike.find(asked)
    assert found == [1, 2, 0, 0, 1, 2, 3, 1]
    monkeypatch.setattr(nearest, "_BLOCK", 3)
    assert alike.find(asked) == found
    assert alike.find([]) == []


def test_a_text_like_none_still_gets_an_answer():
    assert MostAlike(["a b", "c d"]).find(["", "xyz"]) == [0, 0]
    assert MostAlike(["only"]).find(["x"]) == [0]
