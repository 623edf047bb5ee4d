"""What one mail may cost. Every bound is enforced before the work it bounds.

Figures: docs/decisions/0010-mail-tree-of-byte-ranges.md and the poison corpus in tests/unit/email.
"""

MAIL_BYTES = 50 * 1024 * 1024  # a bigger mail is read as headers and first text only
HEAD_OF_BIG_MAIL = 2 * 1024 * 1024  # bytes of a too big mail that are read
HEADER_BLOCK = 1024 * 1024  # bytes of header fields of one entity
FIELDS = 2_000  # header fields of one entity
FIELD_BYTES = 64 * 1024  # bytes of one field that are decoded
REFERENCES = 100  # message ids kept of a References field
RECIPIENTS = 1_000  # addresses kept of all recipient fields
DEPTH = 20  # multiparts inside multiparts
PARTS = 500  # entities of one mail
TEXT_CHARS = 256 * 1024  # characters of readable text; the whole part is then attached as well
HTML_CHARS = 1024 * 1024  # characters of HTML; beyond it only text is shown
HTML_DEPTH = 1_000  # open elements at one place; the sanitiser then takes 9 ms
CALENDAR_BYTES = 512 * 1024  # bytes of an invitation
TNEF_BYTES = 30 * 1024 * 1024  # bytes of a winmail.dat that is opened
FILENAME_BYTES = 200  # UTF-8 bytes of a file name
PARAMETERS = 2_000  # parameters of one structured field
