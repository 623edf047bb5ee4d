"""The tree of a mail: parts, files, encodings, names."""

import base64
import hashlib

import pytest

from channels.email.mail import Mail, read_mail
from channels.email.parameters import safe_filename
from channels.email.transfer import decode_base64, decode_transfer


HEAD = b"From: a@b.example\nSubject: s\nMIME-Version: 1.0\n"


def mail_of(*parts: bytes, kind: str = "mixed", head: bytes = HEAD) -> Mail:
    """A multipart mail of parts, each with its own header."""
    body = b"".join(b"--b\n" + part + b"\n" for part in parts)
    return read_mail(
        head + f"Content-Type: multipart/{kind}; boundary=b\n\n".encode() + body + b"--b--\n"
    )


def plain(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\n\n" + text.encode()


def html(text: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n" + text.encode()


def attached(name: str, data: bytes, kind: str = "application/octet-stream") -> bytes:
    return (
        f'Content-Type: {kind}\nContent-Disposition: attachment; filename="{name}"\n'
        "Content-Transfer-Encoding: base64\n\n"
    ).encode() + base64.encodebytes(data)


# ---------------------------------------------------------------- bodies


def test_of_two_readings_the_html_is_shown_and_the_plain_one_is_the_text():
    mail = mail_of(plain("plain words"), html("<p>html words</p>"), kind="alternative")
    assert mail.text == "plain words"
    assert mail.html == "<p>html words</p>"


def test_text_parts_of_a_mixture_are_read_in_their_order():
    mail = mail_of(plain("one"), html("<p>two</p>"), plain("three"))
    assert mail.text.split() == ["one", "two", "three"]
    assert mail.html.index("one") < mail.html.index("two") < mail.html.index("three")


def test_a_plain_reading_that_only_says_read_the_html_is_not_the_text():
    said = "word " * 200
    mail = mail_of(plain("Please enable HTML."), html(f"<p>{said}</p>"), kind="alternative")
    assert mail.text == said.strip()


def test_an_empty_plain_reading_gives_way_to_the_html():
    assert mail_of(plain(" \n"), html("<p>words</p>"), kind="alternative").text == "words"


def test_the_plain_reading_inside_a_related_inside_an_alternative_is_found():
    inner = (
        b"Content-Type: multipart/related; boundary=r\n\n--r\n" + html("<p>hi</p>") + b"\n--r--\n"
    )
    mail = mail_of(plain("hello"), inner, kind="alternative")
    assert (mail.text, mail.html) == ("hello", "<p>hi</p>")


def test_a_page_that_claims_to_be_utf16_in_ascii_letters_is_not():
    page = b'<meta charset="utf-16"><p>hello</p>'
    assert read_mail(HEAD + b"Content-Type: text/html\n\n" + page).text == "hello"


def test_a_text_file_after_the_text_is_a_file():
    named = b'Content-Type: text/plain; name="log.txt"\n\nlines'
    mail = mail_of(plain("see the log"), named)
    assert mail.text == "see the log"
    assert [one.filename for one in mail.attachments] == ["log.txt"]


def test_a_named_text_that_comes_first_is_the_text():
    mail = mail_of(b'Content-Type: text/plain; name="body.txt"\n\nhello')
    assert mail.text == "hello"


def test_a_text_that_is_attached_is_never_the_text():
    mail = read_mail(HEAD + b"Content-Disposition: attachment; filename=a.txt\n\nhello")
    assert mail.text == ""
    assert mail.attachments[0].data == b"hello"


def test_a_csv_is_a_file_even_without_a_name():
    mail = mail_of(plain("see"), b"Content-Type: text/csv\n\na,b")
    assert mail.attachments[0].mime == "text/csv"


def test_html_declares_its_charset_itself_when_its_part_does_not():
    page = (
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Привет</p>'
    )
    raw = HEAD + b"Content-Type: text/html\n\n" + page.encode("cp1251")
    assert read_mail(raw).text == "Привет"


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "țară".encode(), "țară"),
        ("UTF8", "țară".encode(), "țară"),
        ('"utf-8"', "țară".encode(), "țară"),
        ("iso-8859-2", "ţară".encode("iso-8859-2"), "ţară"),
        ("iso-8859-16", "țară".encode("iso-8859-16"), "țară"),
        ("windows-1250", "ţară".encode("cp1250"), "ţară"),
        ("cp-1251", "Привет".encode("cp1251"), "Привет"),
        ("win-1251", "Привет".encode("cp1251"), "Привет"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("koi8-u", "Їжак".encode("koi8-u"), "Їжак"),
        ("x-mac-cyrillic", "Привет".encode("mac_cyrillic"), "Привет"),
        ("ibm866", "Привет".encode("cp866"), "Привет"),
        ("iso-8859-1", b"\x93quoted\x94 \x81", "“quoted” \x81"),
        ("iso-8859-1", "țară".encode(), "țară"),  # the label lies
        ("us-ascii", "țară".encode(), "țară"),
        ("utf-8", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", "țară".encode() + b"\xff", "țară\ufffd"),
        ("x-unknown", "țară".encode(), "țară"),
        ("no-such-charset", "țară".encode(), "țară"),
        ("idna", b"plain", "plain"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("utf-16", "țară".encode("utf-16"), "țară"),
        ("utf-16", "țară".encode(), "țară"),
        ("utf-16le", "hello there".encode("utf-16-le"), "hello there"),
        ("utf-7", "țară".encode("utf-7"), "țară"),
        ("unicode-1-1-utf-7", "țară".encode("utf-7"), "țară"),
        ("gb2312", "传真镕".encode("gb18030"), "传真镕"),
        ("iso-2022-jp", b"\x1b$B-!\x1b(B", "①"),
        ("shift_jis", "①".encode("cp932"), "①"),
        ("iso-8859-8-i", "שלום".encode("iso-8859-8"), "שלום"),
        ("ks_c_5601-1987", "한글".encode("cp949"), "한글"),
        ("", "țară".encode(), "țară"),
        (
            "",
            "Привет, это длинное письмо на русском языке, чтобы хватило букв. ".encode("cp1251")
            * 4,
            ("Привет, это длинное письмо на русском языке, чтобы хватило букв. " * 4).strip(),
        ),
    ],
)
def test_a_body_is_decoded_whatever_its_charset_claims(charset, data, text):
    label = f"; charset={charset}" if charset else ""
    raw = HEAD + f"Content-Type: text/plain{label}\n\n".encode() + data
    assert read_mail(raw).text == "".join(c for c in text)


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("encoded", "data"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVs\r\nbG8=\r\n", b"hello"),
        (b"aG!Vs*bG8=", b"hello"),
        (b"aGVsbG8=aGVsbG8=", b"hellohello"),  # two encodings one after the other
        (b"aGVsbG8==\naGVsbG8==", b"hellohello"),
        (b"aGVsbG8=\n\nx", b"hello"),  # an odd tail
        (b"_-8=", b"\xff\xef"),
        (b"", b""),
        (b"====", b""),
    ],
)
def test_damaged_base64_gives_what_can_be_saved(encoded, data):
    assert decode_base64(encoded) == data


@pytest.mark.parametrize(
    ("encoding", "body", "data"),
    [
        ("quoted-printable", b"a=3Db=\r\nc", b"a=bc"),
        ("Quoted-Printable", b"broken =XY stays", b"broken =XY stays"),
        ("x-uuencode", b"begin 644 a\n#8V%T\n`\nend\n", b"cat"),
        ("x-uuencode", b"#8V%T\n`\n", b"cat"),
        ("8bit", b"\xff\xfe", b"\xff\xfe"),
        ("nonsense", b"as it is", b"as it is"),
        ("base64", b"this was never encoded at all", b"this was never encoded at all"),
    ],
)
def test_a_transfer_encoding_is_undone(encoding, body, data):
    assert decode_transfer(body, encoding, is_text=True) == data


# ---------------------------------------------------------------- files


def test_a_file_has_the_size_and_the_digest_of_its_decoded_bytes():
    data = bytes(range(256)) * 40
    (file,) = mail_of(plain("x"), attached("a.bin", data)).attachments
    assert (file.size, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert file.data == data


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b'filename="a b.pdf"', "a b.pdf"),
        (b"filename=a b.pdf", "a b.pdf"),
        (b"filename='a.pdf'", "a.pdf"),
        (b'filename="=?utf-8?Q?f=C4=83r=C4=83.pdf?="', "fără.pdf"),
        (b'filename="=?utf-8?Q?f=C4=83?=\n =?utf-8?Q?r=C4=83.pdf?="', "fără.pdf"),
        (b"filename==?utf-8?Q?f=C4=83r=C4=83.pdf?=", "fără.pdf"),
        (b"filename*=utf-8''f%C4%83r%C4%83.pdf", "fără.pdf"),
        (b"filename*=utf-8'ro'f%C4%83r%C4%83.pdf", "fără.pdf"),
        (b"filename*0*=utf-8''f%C4%83; filename*1*=r%C4%83; filename*2=.pdf", "fără.pdf"),
        (b"filename*0*=utf-8''f%C4; filename*1*=%83.pdf", "fă.pdf"),
        (b"filename*1=b.pdf; filename*0=a", "ab.pdf"),
        (b"filename=\"plain.pdf\"; filename*=utf-8''extended.pdf", "extended.pdf"),
        ('filename="fără.pdf"'.encode(), "fără.pdf"),
        (b'filename="C:\\Users\\Ann\\a.pdf"', "a.pdf"),
        (b'filename="../../etc/passwd"', "passwd"),
        (b'filename="a;b.pdf"', "a;b.pdf"),
        (b'filename="a\\"b.pdf"', "a_b.pdf"),
        ('filename="safe\u202efdp.exe"'.encode(), "safefdp.exe"),
        (b'filename="a\x00\x07.pdf"', "a.pdf"),
        (b'filename="..."', "file.pdf"),
        (b'filename=""', "file.pdf"),
        (b"size=5", "file.pdf"),
    ],
)
def test_a_file_name_is_read_and_made_safe(field, name):
    part = b"Content-Type: application/pdf\nContent-Disposition: attachment; " + field + b"\n\nx"
    (file,) = mail_of(plain("x"), part).attachments
    assert file.filename == name


@pytest.mark.parametrize(
    ("field", "name"),
    [
        (b"Content-Location: https://b.example/images/logo.gif", "logo.gif"),
        (b"Content-ID: <image001.png@01D0.ABCD>", "image001.png"),
        (b"Content-Description: Our logo", "Our logo.gif"),
        (b"Content-Description: logo.gif", "logo.gif"),
        (b"Content-ID: <abc123@x>", "image.gif"),
    ],
)
def test_a_part_without_a_name_is_named_by_what_else_it_says(field, name):
    (file,) = mail_of(plain("x"), b"Content-Type: image/gif\n" + field + b"\n\nx").attachments
    assert file.filename == name


def test_a_long_file_name_keeps_its_extension():
    name = safe_filename("ă" * 300 + ".docx")
    assert len(name.encode()) <= 200
    assert name.endswith(".docx")


def test_the_name_of_the_type_is_used_when_the_disposition_has_none():
    (file,) = mail_of(plain("x"), b'Content-Type: image/png; name="a.png"\n\nx').attachments
    assert (file.filename, file.disposition) == ("a.png", "attachment")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("image/png", "image.png"),
        ("image/jpeg", "image.jpg"),
        ("application/pdf", "file.pdf"),
        ("application/x-strange", "file"),
        ("application/octet-stream", "file"),
        ("text/calendar", "invite.ics"),
    ],
)
def test_a_file_without_a_name_is_named_for_what_it_is(kind, name):
    mail = mail_of(plain("x"), f"Content-Type: {kind}\n\nx".encode())
    assert mail.attachments[0].filename == name


def test_an_attached_mail_is_byte_for_byte_what_was_sent():
    inner = (
        b"Subject:  odd   spacing\nX-Folded: a\n   b\n"
        b"Content-Type: multipart/mixed; boundary=q\n\n--q\n\nx\n--q--"
    )
    mail = mail_of(plain("x"), b"Content-Type: message/rfc822\n\n" + inner)
    (file,) = mail.attachments
    assert file.data == inner
    assert file.filename == "odd   spacing.eml"


# ---------------------------------------------------------------- protected mails


def test_a_signed_mail_is_read_and_says_that_it_is_signed():
    mail = mail_of(
        plain("words"),
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx",
        kind="signed",
    )
    assert mail.text == "words"
    assert "signed.smime" in mail.warnings
    assert mail.attachments[0].filename == "smime.p7s"


@pytest.mark.parametrize(
    ("raw", "warning"),
    [
        (
            b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx",
            "encrypted.smime",
        ),
        (
            b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx",
            "signed.smime",
        ),
        (b"Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\nx\n", "encrypted.pgp"),
    ],
)
def test_what_cannot_be_read_says_why(raw, warning):
    assert warning in read_mail(HEAD + raw).warnings
