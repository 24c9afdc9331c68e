"""What in a post speaks for a trap: links, asking for codes and cards, false support, prizes that cost a fee.

Evidence with the words that showed it, for people and as a help to the head that decides. It accuses nobody: a warning
about a scam uses the same words, so warnings are named as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from stormdesk.understand.fold import clean, fold
from stormdesk.understand.links import SUSPICIOUS, links
from stormdesk.understand.lookalike import LOOKALIKE, lookalike

_TEXT_LIMIT = 5_000
_HANDLES = 20
_SHOWN = 60

_GAP = r"[^.!?\n]{0,40}?"
_TELL = (
    r"(?:сообщи\w*|назов\w+|назва\w+|пришли\w*|продикту\w+|введ\w+|введи\w*|вводи\w*|отправ\w+|скаж\w+|укаж\w+|подтверд\w+|потребует\w+|"
    r"понадоб\w+|приготовьте|нужн\w+|send|give|tell|share|enter|read (?:to )?(?:me|us|out)|read|provide|confirm|verify|fill|register|"
    r"update|re-?enter|submit|need)"
)
_CODE = (
    r"(?:код\w{0,3} (?:из|от|подтвержд\w*|смс|sms|брони)|смс[- ]?код\w*|\bкод\b|cvv|cvc|пин[- ]?код\w*|парол\w+|сид[- ]?фраз\w+|три цифры|"
    r"тремя цифрами|цифры|otp|one[- ]time code|(?:sms|verification|security|digit|6 digit|booking|access) code|\bcodes?\b you|pin\b|"
    r"password|seed phrase|recovery phrase|2fa|private key)"
)
_CARD = (
    r"(?:номер\w{0,2} карт\w+|данны\w+ карт\w+|карт\w+ для (?:зачисл|возврат|провер|достав)\w*|реквизит\w+|срок\w{0,2} (?:действия )?карт\w+|"
    r"фото карт\w+|карт\w{1,2} с двух сторон|(?:паспорт|снилс)\w*[^.!?\n]{0,25}карт\w+|баланс на ней|"
    r"card (?:number|details|photo)|(?:bank|debit|credit|billing|your) card|16 digit|sort code|bank (?:login|details)|iban|"
    r"online banking)"
)

ASKS_CODE, ASKS_CARD = "asks for a code or password", "asks for card or account data"
FALSE_SUPPORT, ELSEWHERE = "speaks as support or authority", "leads to a private account"
PRIZE, FEE, SAFE_ACCOUNT = (
    "promises a prize or payment",
    "wants money first",
    "moves money to a “safe” account",
)
HURRY, REMOTE, EARN = (
    "threatens with a deadline",
    "installs a program or remote access",
    "promises easy earnings",
)
IMPOSTOR, LINK = "a handle that imitates ours", "a link that pretends"

_PATTERNS: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (kind, weight, re.compile(pattern))
    for kind, weight, pattern in (
        (ASKS_CODE, 0.6, rf"\b{_TELL}\b{_GAP}{_CODE}"),
        (ASKS_CARD, 0.55, rf"\b{_TELL}\b{_GAP}{_CARD}|привяза\w+ карт\w+|карт\w+ для зачислен\w+"),
        (SAFE_ACCOUNT, 0.8, r"(?:безопасн|резервн|защищ[её]нн|специальн)\w+ сч[её]т|safe account|secure account|holding account"),
        (
            FALSE_SUPPORT, 0.4,
            r"\b(?:я|мы|это|вас беспокоит) (?:из )?(?:\w+ ){0,2}(?:поддержк|безопасност|службы|служба|отдел|сотрудник)\w*|служб\w+ "
            r"(?:безопасност|заботы)\w*|отдел\w* (?:безопасност|контрол|претензи)\w*|следователь|сотрудник (?:банка|цб)|техническ\w+ поддержк\w+|"
            r"(?:i'm|i am|we are|this is)(?: from)? (?:the )?(?:\w+ ){0,3}(?:support|security|care|technical|billing|recovery|fraud|refund)\b|"
            r"(?:official|our) (?:helpdesk|help desk|support)|(?:security|recall|refund|trust|claims|support) (?:team|desk|notice|response|agent)",
        ),
        (
            ELSEWHERE, 0.3,
            r"пиш\w+ (?:мне |нам )?(?:в )?(?:лс|личк\w+|тг|телегр\w+|вотсап|ватсап|whatsapp|\+|«|@)|писать @|(?:в боте|бота|менеджеру|специалист\w+|юрист\w*) "
            r"@\w+|в (?:whatsapp|ватсап|вотсап|телеграм\w*) ?[@+]|(?:message|inbox|dm|contact|ask)\b[^.!?\n]{0,30}(?:@\w+|telegram|whats ?app|me\b|agent)|"
            r"on (?:telegram|whats ?app)|link in (?:bio|profile)",
        ),
        (
            PRIZE, 0.35,
            r"вы (?:выиграл|победител|прошли в финал)\w*|выбран\w* победител\w*|розыгрыш\w*|разыгрыва\w+|раздач\w+|раздаё?т|дар(?:ит|им)\b|положен\w* "
            r"(?:выплат|компенсац|возврат|бесплатн)\w*|(?:начислен|одобрен)\w* (?:\d|возврат|выплат|компенсац|бонус)|компенсаци\w+|you(?:'ve| have)? "
            r"(?:won|been selected|qualify)|you(?:'re| are) (?:eligible|entitled|owed|our|pre-?approved)|giveaway|gift card|claim (?:now|your|here)|lottery|prize|"
            r"free (?:iphone|gift|entry|\d+)|lucky (?:winner|customer)|compensation|eligible for|every(?:one|body) win",
        ),
        (
            FEE, 0.5,
            r"(?:оплат\w+|внес\w+|вносит\w+|перевед\w+|перевод\w*|доплат\w+)[^.!?\n]{0,40}(?:доставк|страховк|пошлин|активаци|комисси|госпошлин|взнос|залог|задаток|"
            r"депозит|хранени|налог|карт[уы] (?:менеджер|эксперт|жены|директор|кладовщик)|на карту|предоплат)\w*|предоплат\w+|(?:визов|страхов)\w+ "
            r"(?:сбор|взнос|оплат)\w*|(?:pay|send|deposit)\b[^.!?\n]{0,40}(?:fee|shipping|postage|customs|levy|courier|registration|token|activation|tax|charges|first)"
            r"|(?:fee|bond|charge|charges|deposit)\b[^.!?\n]{0,25}(?:refundable|to (?:reserve|release|confirm|clear))|send \d[\d.]* ?(?:btc|eth|usdt)|gift cards? and",
        ),
        (
            HURRY, 0.3,
            r"(?:будет|будут|иначе)[^.!?\n]{0,25}(?:заблокир|удал|отключ|заморож|аннулир|утилизир|возвращен)\w*|(?:заблокирован|ограничен)\w*[^.!?\n]{0,40}"
            r"(?:подтвер|пройд|разблок|назов|позвон)\w*|в течение \d+ (?:мин|час)\w*|до полуночи|до 23[:.]59|сгорят|осталось \d+|(?:account|card|parcel|files|"
            r"reservation|tickets)[^.!?\n]{0,40}(?:suspended|closed|locked|cancelled|deleted|returned|on hold|blocked)|within \d+ (?:hours?|min\w*)|(?:expires?|"
            r"only|offer ends) (?:today|tonight)|act (?:now|in)|last day",
        ),
        (REMOTE, 0.6, r"удал[её]нн\w+ доступ|anydesk|anyhelp|teamviewer|rustdesk|отключите антивирус|remote (?:support|access)|\.apk\b"),
        (
            EARN, 0.45,
            r"пассивн\w+ доход|без вложений|удво(?:им|й)\w*|доход от|заработ\w+ от|\d+ ?(?:к|тыс\w*|000)?(?: ?₽| руб\w*)? (?:в день|/ ?день)|\d% в (?:день|неделю)|"
            r"double your|guaranteed (?:profit|return|income)|passive income|\d% (?:a|per) day|work from home|per day guaranteed|earn (?:up to )?[$£€]?\d|daily guaranteed",
        ),
    )
)  # fmt: skip
_WARNS = re.compile(
    r"мошенник|мошенничес|осторожно|остерегай|не вед(?:ит|ё)|разводил|развод\b|лохотрон|никому не (?:сообщ|назыв|говор|давай)|не переходите|не вводите|"
    r"скам\b|фишинг|фейк|поддельн|scam|phish|beware|never (?:share|give|send|tell|ask)|don'?t (?:click|share|give|send|fall)|do not (?:click|share|fall)|"
    r"fake (?:account|site|page|profile)|impersonat|not us\b|warning"
)
_SELF_WARNED = 0.35
"""What is left of the score when the post warns: impostors warn too (“tell nobody”)."""
_HANDLE = re.compile(
    r"(?<![\w@./])@([\w.]{3,40})|(?:t\.me|vk\.com|instagram\.com|wa\.me)/([\w.]{3,40})", re.IGNORECASE
)


class Evidence(NamedTuple):
    """One piece of evidence: its kind (a constant of this module) and the words of the post that showed it."""

    kind: str
    words: str


class Suspicion(NamedTuple):
    """What speaks for a trap. `score` 0 to 1 adds up the evidence; `warns` when the post itself warns of one."""

    score: float
    evidence: tuple[Evidence, ...]
    warns: bool


def scam_evidence(text: str, own_domains: Iterable[str] = (), own_handles: Iterable[str] = ()) -> Suspicion:
    """The evidence in a post, strongest first, each kind once.

    `own_domains` and `own_handles` are the brand's register: links and handles that imitate them are found, those in
    it are trusted. Never raises; reads the first 5,000 characters.
    """
    read = clean(text[: 2 * _TEXT_LIMIT])[:_TEXT_LIMIT]
    folded = fold(read)
    found: dict[str, tuple[float, str]] = {}
    for kind, weight, pattern in _PATTERNS:
        if match := pattern.search(folded):
            found[kind] = (weight, match.group()[:_SHOWN])
    worst = max(links(read, own_domains), key=lambda link: link.score, default=None)
    if worst and worst.score >= SUSPICIOUS:
        found[LINK] = (worst.score, worst.host)
    own = list(own_handles)
    if own:
        for match in islice(_HANDLE.finditer(read), _HANDLES):
            handle = (match[1] or match[2]).rstrip(".")
            if lookalike(handle, own) >= LOOKALIKE:
                found[IMPOSTOR] = (0.8, handle)
                break
    missed = 1.0
    for weight, _ in found.values():
        missed *= 1 - weight
    warns = bool(_WARNS.search(folded))
    score = (1 - missed) * (_SELF_WARNED if warns else 1.0)
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    return Suspicion(round(score, 3), tuple(Evidence(kind, said) for kind, (_, said) in ordered), warns)
