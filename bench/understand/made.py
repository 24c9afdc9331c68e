"""Measures on data made here, with exact truth: personal data, copies, look-alike handles."""

from __future__ import annotations

import random
import re
import time
from collections import Counter, defaultdict
from pathlib import Path

from bench.understand.rows import Row
from stormdesk.understand import LOOKALIKE, NarrativeIndex, lookalike, personal_data
from stormdesk.understand.training import sources

MADE = "made"
_SEED = 20


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _snils(made: random.Random) -> str:
    digits = "".join(str(made.randrange(10)) for _ in range(9))
    check = sum(int(d) * (9 - i) for i, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"


def _inn(made: random.Random) -> str:
    digits = "77" + "".join(str(made.randrange(10)) for _ in range(8))
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        digits += str(sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10)
    return digits


def _iban(made: random.Random) -> str:
    account = "37040044" + "".join(str(made.randrange(10)) for _ in range(10))
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02d}{account}"


def _value(kind: str, made: random.Random) -> str:
    def n(count: int) -> str:
        return "".join(str(made.randrange(10)) for _ in range(count))

    ru_phone = made.choice(
        [
            "+7 9{} {}-{}-{}",
            "8 (9{}) {}-{}-{}",
            "8-9{}-{}-{}-{}",
            "+79{}{}{}{}",
            "89{}{}{}{}",
            "8 9{} {} {} {}",
        ]
    )
    en_phone = made.choice(
        ["+1 212-55{}-{}", "(212) 55{}-{}", "212.55{}.{}", "+44 7700 90{}{}", "07911 12{}{}"]
    )
    return {
        "phone ru": lambda: ru_phone.format(made.choice(["16", "03", "26", "85", "12"]), n(3), n(2), n(2)),
        "phone en": lambda: en_phone.format(n(1), n(4)) if "212" in en_phone else en_phone.format(n(2), n(2)),
        "email": lambda: (
            f"{made.choice(['anna', 'oleg.k', 'j_smith', 'mk+shop'])}{n(2)}@{made.choice(['mail.ru', 'gmail.com', 'ya.ru', 'corp.example.co.uk'])}"
        ),
        "card": lambda: (
            lambda d: made.choice(
                [d, f"{d[:4]} {d[4:8]} {d[8:12]} {d[12:]}", f"{d[:4]}-{d[4:8]}-{d[8:12]}-{d[12:]}"]
            )
        )(_luhn(made.choice(["4276", "5469", "2202", "4000"]) + n(11))),
        "iban": lambda: (lambda d: made.choice([d, " ".join(d[i : i + 4] for i in range(0, len(d), 4))]))(
            _iban(made)
        ),
        "inn": lambda: _inn(made),
        "snils": lambda: _snils(made),
        "passport": lambda: f"45{n(2)} {made.choice(['', '№ ', 'номер '])}{n(6)}",
        "order ru": lambda: made.choice([n(8), n(10), f"{n(8)}-{n(4)}", f"WB{n(7)}"]),
        "order en": lambda: made.choice([n(7), f"{n(3)}-{n(7)}-{n(7)}", f"#{n(6)}", f"AB{n(6)}"]),
        "address ru": lambda: (
            f"{made.choice(['ул. Мира', 'улица Гагарина', 'пр. Победы', 'пер. Садовый', 'проспект Ленина', 'Невский проспект'])}, {made.choice(['д. ', 'дом ', ''])}{made.randrange(1, 99)}{made.choice(['', ', кв. 5', ' к2', ', квартира 71'])}"
        ),
        "address en": lambda: (
            f"{made.randrange(1, 999)} {made.choice(['Oak Street', 'Maple Ave', 'King William Rd', 'Park Lane'])}{made.choice(['', ', Apt 4', ', Flat 2B'])}"
        ),
        "birth ru": lambda: (
            f"{made.randrange(1, 28):02d}.{made.randrange(1, 12):02d}.19{made.randrange(50, 99)}"
        ),
        "birth en": lambda: f"{made.randrange(1, 12)}/{made.randrange(1, 28)}/19{made.randrange(50, 99)}",
    }[kind]()


_FRAMES = {
    "phone ru": (
        "Перезвоните пожалуйста {}",
        "мой тел {} Сергей",
        "{} жду звонка с утра",
        "вот номер: {}, никто не звонит",
    ),
    "phone en": ("call me at {}", "my cell is {} thanks", "{} is my number", "reach me on {} after 5"),
    "email": ("пишите на {}", "ответ так и не пришёл на {}, проверьте", "you can email {} anytime"),
    "card": ("карта {} заблокирована", "списали с {}!!!", "my card {} was charged twice"),
    "iban": ("please refund to {}", "верните на счёт {}"),
    "inn": ("наш ИНН {}", "инн: {} проверьте договор"),
    "snils": ("снилс {} не находит", "мой СНИЛС: {}"),
    "passport": ("паспорт {} потеряли вы", "данные паспорта: {}, что ещё надо?"),
    "order ru": ("заказ {} не пришёл", "Номер заказа: {}", "где посылка {}?", "обращение №{} без ответа"),
    "order en": ("order {} never arrived", "my booking reference is {}", "ticket {} still open"),
    "address ru": ("живу по адресу {}", "курьер не нашёл {}", "{} — нет воды второй день"),
    "address en": ("I live at {}", "delivered to {} by mistake"),
    "birth ru": ("дата рождения {}", "родился {} в Омске", "д.р. {}"),
    "birth en": ("DOB {}", "I was born on {}"),
}


def personal(data: Path) -> list[Row]:
    """Recall by spans that overlap and have the right kind; false alarms on public posts taken as clean."""
    made = random.Random(_SEED)
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for kind, frames in _FRAMES.items():
        wanted = {"birth": "birth_date"}.get(kind.split()[0], kind.split()[0])
        for _ in range(150):
            value = _value(kind, made)
            frame = made.choice(frames)
            text = frame.format(value)
            start = frame.index("{}")
            spans = personal_data(text)
            asked[kind] += 1
            found[kind] += any(
                s.kind == wanted and s.start < start + len(value) and s.end > start for s in spans
            )
    total = sum(asked.values())
    clean = [e.text for e in sources.rusentitweet(data)[:3000] + sources.semeval(data)[:3000]]
    alarms = sum(bool(personal_data(text)) for text in clean)
    worst = min(asked, key=lambda kind: found[kind] / asked[kind])
    return [
        Row("personal data, recall, %", MADE, total, 100 * sum(found.values()) / total, 95, 97),
        Row(f"  the kind found least ({worst}), %", MADE, asked[worst], 100 * found[worst] / asked[worst]),
        Row(
            "personal data, false alarms on posts, %",
            SET,
            len(clean),
            100 * alarms / len(clean),
            3,
            2,
            less=True,
        ),
    ]


SET = "public posts"


def _copy(text: str, made: random.Random) -> str:
    """The text as people copy it: reposted, linked, retyped, shortened."""
    words = text.split()
    for _ in range(made.randrange(1, 3)):
        how = made.randrange(7)
        at = made.randrange(len(words))
        if how == 0:
            words.insert(0, f"RT @user{made.randrange(99)}:")
        elif how == 1:
            words.append(f"https://t.co/{made.randrange(10**8)}")
        elif how == 2:
            words[at] = words[at].upper()
        elif how == 3 and len(words[at]) > 3:
            words[at] = words[at][:1] + words[at][2:]
        elif how == 4:
            words.append(made.choice(["!!!", "😡", "жесть", "wow", "#позор"]))
        elif how == 5 and len(words) > 8:
            del words[at]
        else:
            words[at] = words[at].rstrip(".,!?")
    return " ".join(words)


def _different(texts: list[str]) -> list[str]:
    """The texts of which no five words in a row occurred before: public posts hold copies of their own."""
    seen: set[tuple[str, ...]] = set()
    result = []
    for text in texts:
        words = [
            word for word in re.findall(r"\w+", text.casefold()) if word not in {"http", "https", "user"}
        ]
        rows = {tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4))}
        if len(words) >= 6 and not rows & seen:
            result.append(text)
        seen |= rows
    return result


def copy_stream(data: Path) -> list[tuple[int, str]]:
    """Public posts, each with its number, and their copies as people make them; one post in four is a copy."""
    made = random.Random(_SEED)
    originals = [
        e.text
        for e in sources.semeval(data)[:15000] + sources.rusentitweet(data)[:10000]
        if len(e.text.split()) >= 6
    ]
    originals = _different(originals)
    stream: list[tuple[int, str]] = []
    for number, text in enumerate(originals):
        stream.append((number, text))
        while made.random() < 0.25 and number:
            old = made.randrange(max(0, number - 2000), number)
            stream.append((old, _copy(originals[old], made)))
    return stream


def copies(data: Path) -> list[Row]:
    """Recall: copies placed in their narrative. Purity: posts in the majority of theirs."""
    stream = copy_stream(data)
    index = NarrativeIndex()
    started = time.process_time()
    placed: list[str] = []
    for start in range(0, len(stream), 500):
        posts = [
            (str(start + i), text, float(start + i))
            for i, (_, text) in enumerate(stream[start : start + 500])
        ]
        placed += [found.narrative for found in index.add_all(posts)]
    spent = (time.process_time() - started) / len(stream) * 100_000
    first: dict[int, str] = {}
    hits = asked = 0
    members: dict[str, Counter[int]] = defaultdict(Counter)
    for (number, _), narrative in zip(stream, placed, strict=True):
        members[narrative][number] += 1
        if number in first:
            asked += 1
            hits += narrative == first[number]
        else:
            first[number] = narrative
    grouped = {n: c for n, c in members.items() if c.total() > 1}
    pure = sum(c.most_common(1)[0][1] for c in grouped.values()) / sum(c.total() for c in grouped.values())
    return [
        Row("copies, recall, %", MADE, asked, 100 * hits / asked, 98, 99),
        Row("copies, purity, %", MADE, sum(c.total() for c in grouped.values()), 100 * pure, 97, 99),
        Row("copies, CPU seconds per 100,000", MADE, len(stream), spent, 20, 12, less=True),
    ]


_BRAND_NAMES = (
    "sberbank tinkoff alfabank megafon beeline aeroflot wildberries ozon_ru yandex_taxi delivery_club pyaterochka magnit "
    "lenta_official rostelecom gazprombank vkusvill samokat kfc_russia mvideo eldorado britishairways lufthansa delta "
    "comcast verizon barclays santander monzo revolut tesco sainsburys netflix spotify booking_com airbnb"
)
_OTHER_NAMES = (
    "ivan_petrov masha88 coffee_lover newsroom_24 sportfan moscowlife anna.k dmitry_s travelblog photomania bookworm "
    "kitchenqueen gamer4life alexsmith johndoe77 sunnyday bigcat runclub citywalks techtalks dailydose mindful_me greenleaf "
    "bluesky_fan rockstar_k oldschool musicbox designhub foodie_anna carlover fishing_pro chess_master urbanmom "
    "dogsofmoscow artstudio yogatime filmclub weathernow oksana_v marketwatch streetstyle gardenlife happyfeet "
    "smartphone_geek retroplayer northwind silverline goldenhour redpanda deltaforce_fan magnitude lentil_soup "
    "booking_memes spotless tescopoly_band beelinehoney ozonelayer alfaromeo_club megaphone_guy"
)
_BRANDS, _OTHERS = _BRAND_NAMES.split(), _OTHER_NAMES.split()
_LOOKS = {"a": "а", "e": "е", "o": "0", "i": "1", "l": "I", "c": "с", "p": "р", "x": "х", "b": "8", "s": "5"}


def _imitation(brand: str, made: random.Random) -> str:
    how = made.randrange(6)
    at = made.randrange(1, len(brand) - 1)
    if how == 0:
        able = [i for i, c in enumerate(brand) if c in _LOOKS]
        at = made.choice(able)
        return brand[:at] + _LOOKS[brand[at]] + brand[at + 1 :]
    if how == 1:
        return brand + made.choice(["_support", "_help", ".official", "_bonus", "-care", "_ru", "24", "_bot"])
    if how == 2:
        return made.choice(["support_", "official.", "real_", "my_", "the", "_"]) + brand
    if how == 3:
        return brand[:at] + brand[at] + brand[at:]
    if how == 4:
        return (
            brand[:at] + brand[at + 1] + brand[at] + brand[at + 2 :]
            if brand[at] != brand[at + 1]
            else brand + "_"
        )
    return brand[:at] + made.choice("aeioun") + brand[at:]


def handles(_: Path) -> list[Row]:
    made = random.Random(_SEED)
    imitations = [(made.choice(_BRANDS)) for _ in range(1000)]
    caught = sum(lookalike(_imitation(brand, made), [brand]) >= LOOKALIKE for brand in imitations)
    wrong = sum(lookalike(other, _BRANDS) >= LOOKALIKE for other in _OTHERS)
    return [
        Row("look-alike handles, recall, %", MADE, len(imitations), 100 * caught / len(imitations), 95, 99),
        Row("look-alike handles, false, %", MADE, len(_OTHERS), 100 * wrong / len(_OTHERS), 6, 4, less=True),
    ]
