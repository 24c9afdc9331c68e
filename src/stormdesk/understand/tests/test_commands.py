"""`stormdesk understand` and `stormdesk narratives`, as a shell would call them."""

import argparse
import io
import json
import sys

import pytest

from stormdesk.cli import narratives, understand


@pytest.fixture
def call(monkeypatch, capfdbinary):
    def call(command, given: bytes, *options: str) -> tuple[int, list[dict], str]:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        code = command.run(parser.parse_args(options))
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err.decode()

    return call


def lines(*posts: dict) -> bytes:
    return "".join(json.dumps(post) + "\n" for post in posts).encode()


def test_understand_answers_line_by_line_in_order(call) -> None:
    posts = [{"id": str(i), "text": f"пост номер {i} \ud83d"} for i in range(1100)]
    code, out, err = call(understand, lines(*posts), "--brand", "Билайн")
    assert (code, err) == (0, "")
    assert [line["id"] for line in out] == [post["id"] for post in posts]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"[1]\n", "line 3: this is not a JSON object"),
        (b"{broken\n", "line 3: this is not a JSON object"),
        (b"\xff\xfe\n", "line 3: this is not a JSON object"),
        (b'{"id": null, "text": "y"}\n', "line 3: the field “id” is missing"),
        (b'{"id": "x"}\n', "line 3: the field “text” is missing"),
        (b'{"id": "x", "text": 5}\n', "line 3: the field “text” is missing or not a text"),
        (b'{"id": "x", "text": "y", "brand": 5}\n', "line 3: the field “brand”"),
        (b"[" * 100_000 + b"\n", "line 3: this is not a JSON object"),
    ],
)
def test_a_bad_line_is_named_and_what_came_before_is_answered(call, bad: bytes, said: str) -> None:
    code, out, err = call(
        understand, lines({"id": 1, "text": "ok"}) + b"\n" + bad + lines({"id": 2, "text": "ok"})
    )
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert [line["id"] for line in out] == [1]


def test_narratives_name_the_copy_and_the_first_post(call) -> None:
    text = "Магазин продал просроченную смесь для детей и отказался вернуть деньги"
    given = lines(
        {"id": "a", "text": text, "at": "2026-01-31T18:00:00Z"},
        {"id": "b", "text": "Совсем другая новость о погоде в городе", "at": "2026-01-31T18:01:00Z"},
        {"id": "c", "text": f"RT @x: {text}", "at": "2026-01-31T21:02:00+03:00"},
    )
    code, out, err = call(narratives, given)
    assert (code, err) == (0, "")
    assert out == [
        {"id": "a", "copy_of": None, "narrative": "a"},
        {"id": "b", "copy_of": None, "narrative": "b"},
        {"id": "c", "copy_of": "a", "narrative": "a"},
    ]


def test_narratives_refuse_what_is_no_time(call) -> None:
    code, _, err = call(narratives, lines({"id": "a", "text": "x", "at": "вчера"}))
    assert code == 2
    assert "line 1: the field “at” is not a time" in err
