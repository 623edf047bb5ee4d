"""Mails are read in processes of their own, and their files stay there but for their names."""

from hashlib import sha256
from pathlib import Path
from uuid import UUID

from channels.email.adapter import EmailAdapter
from hub.reading import Isolation
from inbox.contract import AccountId, Media, MessageIn, Raw, Stored
from inbox.services import Services
from infra.blobs import Blobs


ACCOUNT = AccountId(UUID(int=1))
CORPUS = Path(__file__).parents[2] / "corpus"
SERVICES = Services(reply_keys=(b"k" * 32,))


async def test_a_batch_is_read_elsewhere_as_it_would_be_here(tmp_path):
    adapter = EmailAdapter(SERVICES.reply_keys)
    raws = [Raw(key=path.stem, body=path.read_bytes()) for path in sorted(CORPUS.glob("*.eml"))]
    isolation = Isolation(SERVICES, tmp_path, count=1)
    try:
        found = await isolation.read(adapter, ACCOUNT, raws)
    finally:
        await isolation.close()
    for raw, events in zip(raws, found, strict=True):
        here = adapter.normalize(ACCOUNT, raw)
        assert [type(one) for one in events] == [type(one) for one in here]
        assert [one.dedup_key for one in events] == [one.dedup_key for one in here]


async def test_files_are_stored_before_their_names_come_back(tmp_path):
    raw = Raw(key="k", body=(CORPUS / "outlook_reply_ru.eml").read_bytes())
    isolation = Isolation(SERVICES, tmp_path, count=1)
    try:
        ((message,),) = await isolation.read(EmailAdapter(SERVICES.reply_keys), ACCOUNT, [raw])
    finally:
        await isolation.close()
    assert isinstance(message, MessageIn)
    (media,) = [part for part in message.parts if isinstance(part, Media)]
    assert isinstance(media.source, Stored)
    assert media.source.blob == sha256(b"%PDF-1.4 hello!").hexdigest()
    assert Blobs(tmp_path).exists(media.source.blob)
