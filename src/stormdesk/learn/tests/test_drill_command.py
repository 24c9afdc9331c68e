"""`stormdesk drill`: the button of the drills page, from a terminal."""

from __future__ import annotations

import pytest

from stormdesk.cli.main import main
from stormdesk.learn.models import Drill


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def test_it_starts_the_drill_and_prints_its_address(make_person, capsys):
    anna = make_person("Anna Orlova", is_administrator=True)
    assert main(["drill", "faulty_batch", "--language", "ru", "--speed", "6"]) == 0
    drill = Drill.objects.get()
    assert (drill.started_by, drill.language, drill.speed) == (anna, "ru", 6)
    assert capsys.readouterr().out.strip().endswith(f"/b/{drill.brand.slug}/drill/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "faulty_batch"),
        (["faulty_batch", "--language", "fr"], "ru, en"),
        (["faulty_batch", "--speed", "0"], "1 to 100"),
        (["faulty_batch", "--by", "nobody@example.org"], "nobody@example.org"),
    ],
)
def test_what_cannot_be_is_one_sentence(make_person, capsys, arguments, words):
    make_person("Anna Orlova", is_administrator=True)
    assert main(["drill", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
    assert not Drill.objects.exists()


def test_without_anybody_there_is_nobody_to_run_it(db, capsys):
    assert main(["drill", "faulty_batch"]) == 2
    assert "stormdesk up" in capsys.readouterr().err
