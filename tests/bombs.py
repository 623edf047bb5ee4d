"""Mails made to hurt whoever reads them."""

HEAD = b"From: a@b.example\nTo: x@y.example\nSubject: s\nMIME-Version: 1.0\n"

BOMBS = {
    "ten thousand header fields": HEAD
    + b"".join(b"X-%d: v\n" % n for n in range(10_000))
    + b"\nx",
    "a header of two megabytes": HEAD + b"X: " + b"a " * 1_000_000 + b"\n\nx",
    "five thousand recipients": HEAD
    + b"Cc: "
    + b",\n ".join(b"U <u%d@b.example>" % n for n in range(5_000))
    + b"\n\nx",
    "a megabyte of references": HEAD
    + b"References: "
    + b" ".join(b"<%d@x>" % n for n in range(80_000))
    + b"\n\nx",
    "an endless sender": b"From: " + b"a" * 1_000_000 + b"\n\nx",
    "twenty thousand encoded words": HEAD
    + b"Subject: "
    + b"\n ".join([b"=?utf-8?q?abc?="] * 20_000)
    + b"\n\nx",
    "encoded words that never end": HEAD + b"Subject: " + b"=?a?q?" * 10_000 + b"\n\nx",
    "three thousand nested multiparts": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)
    )
    + b"\nx",
    "three thousand nested mails": b"Content-Type: message/rfc822\n\n" * 3_000
    + b"Subject: x\n\nx",
    "a hundred thousand parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 100_000,
    "twenty thousand continuations": HEAD
    + b"Content-Disposition: attachment;\n "
    + b";\n ".join(b"filename*%d=a" % n for n in range(20_000))
    + b"\n\nx",
    "a continuation of a huge number": HEAD
    + b"Content-Disposition: attachment; filename*99999999999*=utf-8''a\n\nx",
    "nested comments": HEAD.replace(b"a@b", b"(" * 3_000 + b")" * 3_000 + b" a@b") + b"\nx",
    "ten megabytes of base64": HEAD
    + b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
    + (b"A" * 76 + b"\n") * 130_000,
    "ten megabytes of quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\n\n"
    + (b"=41" * 25 + b"\n") * 130_000,
    "a hundred thousand nested elements": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<div>" * 100_000,
    "nesting hidden behind tables": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<div><table><td></div></table>" * 50_000,
    "formatting that is opened anew": HEAD
    + b"Content-Type: text/html\n\n<p>"
    + b"".join(b"<font id=%d>" % n for n in range(200))
    + b"<p>x" * 100_000,
    "end tags that end nothing": HEAD
    + b"Content-Type: text/html\n\n<i><table><td>"
    + b"<div>" * 900
    + b"</i>" * 300_000,
    "five megabytes of flat html": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<p>hello <b>world</b></p>" * 200_000,
    "half a million quoted lines": HEAD + b"\n" + b"> a\n" * 500_000,
    "carriage returns": HEAD + b"X: " + b"\r" * 500_000 + b"\n\nx",
    "lines that begin a file": HEAD + b"\n" + b"begin 644 x\n" * 200_000,
    "a quote that never ends": b'From: "' + b"a\\" * 30_000 + b"\n\nx",
    "parameters that never end": HEAD + b"Content-Type: text/plain; " + b'a="' * 20_000 + b"\n\nx",
    "twenty thousand events": HEAD
    + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
    + b"BEGIN:VEVENT\n" * 20_000,
    "a bounce of at signs": b"From: mailer-daemon@b\nSubject: Undelivered mail\n\n"
    + b"a@" * 500_000,
    "a report of many recipients": HEAD
    + b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.c\n\n" * 50_000,
}
