"""Clients as a real address book has them: two alphabets, typos, titles and doubles."""

import random
import unicodedata
from collections.abc import Iterator

import msgspec
from anyascii import anyascii

from hub.demo.dialogues import Language
from hub.demo.phones import new_number, written


RO_MEN = "Ion Andrei Vasile Mihai Sergiu Nicolae Alexandru Victor Dumitru Ștefan Radu Vlad Eugen"
RO_WOMEN = "Maria Elena Ana Natalia Cristina Doina Ecaterina Viorica Mădălina Ioana Lilia Tamara"
RO_FAMILIES = (
    "Rusu Ceban Ciobanu Țurcanu Munteanu Moraru Lungu Guțu Cojocaru Popa Bălan Sîrbu Rotaru"
    " Negru Botnaru Grosu Vrabie Știrbu Ungureanu Cebotari Plămădeală Mîțu Bejenari Gherman"
)
RU_MEN = "Сергей Александр Андрей Дмитрий Игорь Олег Виктор Николай Павел Роман"
RU_WOMEN = "Елена Ольга Наталья Татьяна Ирина Светлана Людмила Марина Юлия Анна"
RU_FATHERS = "Иванович Сергеевич Николаевич Викторович Петрович Андреевич"
RU_FAMILIES = "Иванов Петров Соколов Морозов Волков Лебедев Козлов Новиков Зайцев Павлов Орлов"
UK_NAMES = "Оксана Тарас Богдан Ганна Микола Олена"
UK_FAMILIES = "Шевченко Коваленко Бондаренко Ткаченко Кравченко Топал Арнаут"
EN_NAMES = "James Emily Oliver Sophie Daniel Laura Thomas Claire Marcus Hannah"
EN_FAMILIES = "Walker Bennett Hughes Cooper Fischer Moreau Lindqvist Novak Carter Ellis"

COMPANIES = (
    "Linella Plus SRL",
    "Dulce Vita Cafe SRL",
    "Nordic Soft SRL",
    "Clinica Sante SRL",
    "Hotel Codru Park SRL",
    "Agro Nistru SA",
    "Școala Primavera",
    "ООО «Технодом»",
    "Vinăria Orheiul Nou SRL",
    "Bright Minds Academy",
)
CITIES = ("Chișinău", "Bălți", "Cahul", "Orhei", "Ungheni", "Comrat", "Soroca", "Iași")
DOMAINS = ("mail.example.com", "post.example.org", "gmial.example", "inbox.example.net")


class Client(msgspec.Struct, kw_only=True):
    """Somebody the company deals with.

    Attributes:
        number: Place in the demo data, from 1.
        shown: The name as it was typed into the card.
        phones: Pairs of E.164 and the spelling typed in.
        doubles: Number of the client this card is a second card of; 0 for none.
    """

    number: int
    language: Language
    given: str
    family: str
    shown: str
    city: str
    company: str = ""
    email: str = ""
    phones: list[tuple[str, str]] = []
    doubles: int = 0


def clients(dice: random.Random, count: int) -> list[Client]:
    """Return ``count`` clients, one in ten of them a double of an earlier one."""
    made: list[Client] = []
    for number in range(1, count + 1):
        if number > 20 and dice.random() < 0.1:
            made.append(_double(dice, number, dice.choice(made)))
        else:
            made.append(_new(dice, number))
    households = [one for one in made if one.phones]
    for one in dice.sample(households, max(1, count // 25)):
        one.phones = [dice.choice(households).phones[0]]  # a family, or a switchboard
    return made


def plain(text: str) -> str:
    """Return ``text`` in ASCII: without accents, Cyrillic written in Latin letters."""
    return "".join(c for c in anyascii(text).lower() if c.isalnum())


def _new(dice: random.Random, number: int) -> Client:
    language, given, family = _name(dice)
    client = Client(
        number=number,
        language=language,
        given=given,
        family=family,
        shown=_typed(dice, given, family),
        city=dice.choices(CITIES, (50, 15, 10, 6, 6, 5, 4, 4))[0],
    )
    if dice.random() < 0.12:
        client.company = dice.choice(COMPANIES)
    if dice.random() < 0.75:
        local = dice.choice(
            (
                f"{plain(given)}.{plain(family)}",
                f"{plain(family)}{number}",
                f"{plain(given)}{number}",
            )
        )
        client.email = f"{local}@{dice.choices(DOMAINS, (60, 25, 5, 10))[0]}"
        if number % 30 == 0:
            client.email = client.email.title()
    for _ in range(dice.choices((0, 1, 2), (15, 70, 15))[0] or not client.email):
        phone = new_number(dice)
        client.phones.append((phone, written(phone, dice)))
    return client


def _name(dice: random.Random) -> tuple[Language, str, str]:
    kind = dice.choices(("ro", "ru", "en", "uk"), (50, 35, 10, 5))[0]
    is_woman = dice.random() < 0.5
    if kind == "ro":
        given = dice.choice((RO_WOMEN if is_woman else RO_MEN).split())
        return "ro", given, dice.choice(RO_FAMILIES.split())
    if kind == "en":
        return "en", dice.choice(EN_NAMES.split()), dice.choice(EN_FAMILIES.split())
    if kind == "uk":
        return "ru", dice.choice(UK_NAMES.split()), dice.choice(UK_FAMILIES.split())
    given = dice.choice((RU_WOMEN if is_woman else RU_MEN).split())
    if dice.random() < 0.4:
        father = dice.choice(RU_FATHERS.split())
        given += " " + (father.removesuffix("ич") + "на" if is_woman else father)
    return "ru", given, dice.choice(RU_FAMILIES.split()) + ("а" if is_woman else "")


def _typed(dice: random.Random, given: str, family: str) -> str:
    """Return a name as somebody in a hurry types it into a card."""
    name = f"{family} {given}" if dice.random() < 0.08 else f"{given} {family}"
    chance = dice.random()
    if chance < 0.1:
        name = name.replace("ș", "ş").replace("ț", "ţ").replace("Ș", "Ş").replace("Ț", "Ţ")
    elif chance < 0.35:
        accents = unicodedata.normalize("NFKD", name)
        name = "".join(c for c in accents if not unicodedata.combining(c) or c == "\u0306")
        name = unicodedata.normalize("NFC", name)
    elif chance < 0.38:
        name = name.upper()
    elif chance < 0.40:
        name = f"{name} (soția)" if given in RO_WOMEN.split() else f"dl. {name}"
    return name


def _double(dice: random.Random, number: int, of: Client) -> Client:
    """Return a second card of the same person, as different as such cards are."""
    swapped = f"{of.family} {of.given}"
    shown = dice.choice((swapped, plain(of.given).title() + " " + of.family, of.shown + " "))
    keeps_phone = bool(of.phones) and dice.random() < 0.4
    phone = new_number(dice)
    return Client(
        number=number,
        language=of.language,
        given=of.given,
        family=of.family,
        shown=shown.strip(),
        city=of.city,
        email=f"{plain(of.family)}.{number}@{DOMAINS[0]}" if dice.random() < 0.6 else "",
        phones=[of.phones[0] if keeps_phone else (phone, written(phone, dice))],
        doubles=of.number,
    )


def pairs(made: list[Client]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of every two cards that are one person."""
    for one in made:
        if one.doubles:
            yield one.doubles, one.number
