import pytest

from stormdesk.understand import Text, read


def one(text: str, **more: str) -> object:
    return read([Text("1", text, **more)])[0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Где мой заказ, жду вторую неделю", "ru"),
        ("Where is my parcel, it has been two weeks", "en"),
        ("Де моє замовлення, чекаю вже два тижні", "uk"),
        ("Тапсырысым қайда, екі апта күтіп отырмын", "kk"),
        ("Wo bleibt meine Bestellung, ich warte seit zwei Wochen", "de"),
        ("¿Dónde está mi pedido? Llevo dos semanas esperando", "es"),
        ("Siparişim nerede, iki haftadır bekliyorum", "tr"),
        ("注文はどこですか", "ja"),
        ("12345 !!! 😀", "unknown"),
        ("", "unknown"),
        ("Hyvää huomenta, mitä kuuluu tänään", "unknown"),
        ("Szeretek könyveket olvasni minden nap, jó reggelt", "unknown"),
        ("Кутман таң, бүгүн кандайсыз досум", "unknown"),
        ("asdfgh qwerty zxcvb", "unknown"),
        ("ааааааа", "unknown"),
        ("@ivan https://example.com/длинный/путь", "unknown"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert one(text).language == language


def test_anger_and_thanks_are_told_apart_with_their_words() -> None:
    angry = one("Отвратительный сервис, верните деньги!")
    glad = one("Спасибо, всё отлично, люблю этот магазин")
    assert angry.sentiment["negative"] > 0.6 > angry.sentiment["positive"]
    assert glad.sentiment["positive"] > 0.6
    assert any("отврат" in word for word in angry.reasons["sentiment"])
    colon = read([Text("1", "Луговая: Верните за рыбу", brand="Луговая")])[0]
    assert ":" not in colon.reasons["sentiment"], "a mark that says nothing to a person"
    assert glad.complaint < 0.3 < angry.complaint


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("После вашего салата ребёнка увезли на скорой с отравлением", 3),
        ("Your charger exploded and my son has burns, ambulance is here", 3),
        ("Списали деньги дважды, приложение не работает, верните сегодня", 2),
    ],
)
def test_danger_and_money_are_urgent(text: str, least: int) -> None:
    assert one(text).urgency >= least


@pytest.mark.parametrize("text", ["Обожаю их кофе", "lovely weather today", "Компания открыла новый офис"])
def test_chatter_is_not(text: str) -> None:
    reading = one(text)
    assert reading.urgency == 0
    assert reading.needs_reply < 0.5
    assert reading.scam < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "Вы выиграли 50 000 рублей! Перейдите по ссылке http://bank-priz.xyz и введите номер карты",
        "Congratulations, you won a prize! Claim your gift card now at http://free-gift.top",
    ],
)
def test_scam(text: str) -> None:
    reading = one(text)
    assert reading.scam > 0.6
    assert reading.reasons["scam"]


def test_a_trap_is_shown_by_what_it_does() -> None:
    """Phrases a person can check, not lone words: the code it wants, the link that pretends."""
    text = "Это служба безопасности банка, срочно назовите код из смс http://185.12.33.4/login"
    reading = one(text)
    assert reading.scam > 0.4
    assert any(said.startswith("назовите код") for said in reading.reasons["scam"])
    assert "185.12.33.4" in reading.reasons["scam"]
    assert len(reading.reasons["scam"]) <= 3


def test_the_contract_of_the_command() -> None:
    form = one("Позвоните мне 8 (916) 123-45-67", brand="Билайн", language="ru").as_dict()
    assert list(form) == [
        "language",
        "sentiment",
        "complaint",
        "needs_reply",
        "urgency",
        "scam",
        "personal_data",
        "reasons",
        "path",
    ]
    assert form["personal_data"] == [{"kind": "phone", "start": 14, "end": 31}]
