"""A text as a picture that a phone's camera reads."""

import io

import segno


def svg_of(text: str) -> str:
    """Return ``text`` as a QR code (ISO/IEC 18004), an SVG document that scales."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=4, border=2, omitsize=True
    )
    return picture.getvalue().decode()
