import pytest

from stormdesk.understand import mask, personal_data

FOUND = [
    ("Звоните 8 (916) 123-45-67", "phone", "8 (916) 123-45-67"),
    ("мой номер +79161234567 Иван", "phone", "+79161234567"),
    ("Где мой заказ? 8 916 123-45-67", "phone", "8 916 123-45-67"),
    ("call me on 020 7946 0958", "phone", "020 7946 0958"),
    ("my number is (415) 555-2671", "phone", "(415) 555-2671"),
    ("пишите на ivan.petrov@mail.ru, жду", "email", "ivan.petrov@mail.ru"),
    ("карта 4111 1111 1111 1111 не проходит", "card", "4111 1111 1111 1111"),
    ("IBAN GB33BUKB20201555555555 please", "iban", "GB33BUKB20201555555555"),
    ("ИНН 500100732259", "inn", "500100732259"),
    ("снилс 112-233-445 95", "snils", "112-233-445 95"),
    ("паспорт серия 4509 номер 123456", "passport", "4509 номер 123456"),
    ("Заказ №12345678 не пришёл", "order", "12345678"),
    ("order number AB-10293 is late", "order", "AB-10293"),
    ("живу на ул. Ленина, д. 5, кв. 12", "address", "ул. Ленина, д. 5, кв. 12"),
    ("deliver to 221B Baker Street, Flat 3 please", "address", "221B Baker Street, Flat 3"),
    ("родился 12.03.1985 в Перми", "birth_date", "12.03.1985"),
    ("born on 03/12/1985", "birth_date", "03/12/1985"),
    ("Ташкент, телефон +998 91 234 56 78", "phone", "+998 91 234 56 78"),
    ("тел.89123456789", "phone", "89123456789"),
    ("моя почта: nata_88 собака yandex точка ru", "email", "nata_88 собака yandex точка ru"),
    ("email me at jane.doe (at) gmail (dot) com", "email", "jane.doe (at) gmail (dot) com"),
    ("my iban is fr14 2004 1010 0505 0001 3m02 606", "iban", "fr14 2004 1010 0505 0001 3m02 606"),
    ("загран 72№8123456", "passport", "72№8123456"),
    ("UK passport 925665416 not accepted", "passport", "925665416"),
    ("booking Q5ZT8L cancelled without notice", "order", "Q5ZT8L"),
    ("трек-номер RA123456789CN не обновляется", "order", "RA123456789CN"),
    ("send it to 350 5th Ave, Suite 3300", "address", "350 5th Ave, Suite 3300"),
    ("по ул. 8 Марта, 14 нет воды", "address", "ул. 8 Марта, 14"),
    ("сын 05.05.2015 г.р., не пустили", "birth_date", "05.05.2015"),
]

CLEAN = [
    "Акции выросли на 3,5% за 2025 год, выручка 1 234 567 890 рублей",
    "Тираж 1234567 экземпляров",
    "Встреча 12.03.2026 в 18:00",
    "https://example.com/status/570306133677760513 смотрите",
    "@user2024 привет, 100500 раз говорил",
    "@brand@fedi.example.org привет",
    "iPhone 15 Pro 256 за 129990",
    "Open 24/7, 365 days, call centers everywhere",
    "счёт 3:2, 45 минут, 11 игроков",
    "артикул 9161234567 закончился",
    "BTC 67 890 123 456 рублей за всё",
    "IMEI 356938035643809",
    "штрихкод 4607001771562 не пробивается",
    "на улице 20 градусов мороза",
    "день рождения компании 15.03.2020 отметили",
    "100 Great Way to save, 5 Star Drive was fun",
    "order of 2000 people, tracking my 10000 steps",
    "meet me at dot com summit",
]


@pytest.mark.parametrize(("text", "kind", "part"), FOUND)
def test_found(text: str, kind: str, part: str) -> None:
    assert [(span.kind, text[span.start : span.end]) for span in personal_data(text)] == [(kind, part)]


@pytest.mark.parametrize("text", CLEAN)
def test_left_alone(text: str) -> None:
    assert personal_data(text) == []


def test_the_companys_own_numbers_are_allowed_however_written() -> None:
    text = "Наша линия 8 (800) 555-35-35, почта help@shop.ru, а мой номер +7 916 123 45 67"
    kept = personal_data(text, allow=["+78005553535", "Help@shop.ru"])
    assert [text[span.start : span.end] for span in kept] == ["+7 916 123 45 67"]
    assert mask(text, kept).endswith("а мой номер ‹phone›")
