import pytest

from stormdesk.understand.links import (
    BARE,
    DISGUISED,
    HIDDEN,
    IMITATES,
    OUR_NAME,
    PROGRAM,
    links,
    registered,
    suspicious_links,
)
from stormdesk.understand.scam import (
    ASKS_CODE,
    FALSE_SUPPORT,
    FEE,
    IMPOSTOR,
    LINK,
    SAFE_ACCOUNT,
    scam_evidence,
)

OWN = ["megabank.example", "https://www.megabank.ru/"]


@pytest.mark.parametrize(
    ("text", "domain", "reason"),
    [
        ("http://rnegabank.example/login", "rnegabank.example", IMITATES),
        ("megabank-help.org", "megabank-help.org", IMITATES),
        ("https://megabаnk.ru", "megabаnk.ru", DISGUISED),
        ("https://megabank.ru.evil.co.uk/x", "evil.co.uk", OUR_NAME),
        ("https://megabank.ru@evil.com/x", "evil.com", HIDDEN),
        ("http://185.12.33.4/login", "185.12.33.4", BARE),
        ("скачай https://get-app.top/megabank.apk", "get-app.top", PROGRAM),
    ],
)
def test_a_link_that_pretends_says_why(text: str, domain: str, reason: str) -> None:
    (link,) = suspicious_links(text, OWN)
    assert link.domain == domain
    assert reason in link.reasons
    assert link.host in text[link.start : link.end]


@pytest.mark.parametrize(
    "text",
    [
        "https://online.megabank.ru/login и megabank.example",
        "см. report.pdf, main.py; т.е. 12.05 в U.S.A",
        "https://habr.com/ru/articles/1 youtube.com/watch?v=1",
        "Привет.Как дела",
    ],
)
def test_ordinary_links_are_left_alone(text: str) -> None:
    assert suspicious_links(text, OWN) == []


def test_the_registered_part_follows_the_public_suffix_list() -> None:
    assert registered("login.bank.co.uk") == "bank.co.uk"
    assert registered("me.github.io") == "me.github.io"
    assert registered("xn--80abbembcyvesfij3at4loa4ff.xn--p1ai").endswith(".рф")


def test_a_link_ends_before_the_full_stop() -> None:
    text = "Смотри https://example.com/a."
    assert [text[link.start : link.end] for link in links(text)] == ["https://example.com/a"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Служба безопасности банка: сообщите код из смс", {ASKS_CODE, FALSE_SUPPORT}),
        ("Переведите деньги на безопасный счёт", {SAFE_ACCOUNT}),
        ("We are the security team, send me the verification code", {ASKS_CODE, FALSE_SUPPORT}),
        ("Оплатите страховку доставки 299 р", {FEE}),
        ("Пишите @megabank_support, заберите на megabank-bonus.top", {IMPOSTOR, LINK}),
    ],
)
def test_evidence_of_a_trap_with_its_words(text: str, kinds: set[str]) -> None:
    found = scam_evidence(text, OWN, ["megabank"])
    assert kinds <= {evidence.kind for evidence in found.evidence}
    assert all(evidence.words for evidence in found.evidence)
    assert found.score >= 0.5


@pytest.mark.parametrize(
    "text", ["Верните деньги за доставку", "How do I change my password?", "@megabank помогите"]
)
def test_customers_are_no_impostors(text: str) -> None:
    assert scam_evidence(text, OWN, ["megabank"]).score < 0.4


def test_a_warning_is_no_trap() -> None:
    text = "Осторожно, мошенники! Просят сообщить код из смс и перевести на безопасный счёт"
    found = scam_evidence(text)
    assert found.warns
    assert found.evidence
    assert found.score < 0.4
