"""The declarative base every table of the hub is mapped on."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, dataclass_transform
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, MappedColumn, mapped_column
from sqlalchemy.types import UserDefinedType

from infra.clock import now


Id = Annotated[UUID, mapped_column(primary_key=True)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = dict[str, Any]
JsonList = list[Any]


@dataclass_transform(kw_only_default=True, field_specifiers=(MappedColumn, mapped_column))
class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Rows are dataclasses: built with keywords, compared by identity, typed end to end."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        Json: JSONB,
        JsonList: JSONB,
        datetime: DateTime(timezone=True),
    }


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: grows for the life of the server, never reused."""

    cache_ok: bool | None = True

    def get_col_spec(self, **_options: Any) -> str:
        """Return the type's SQL name."""
        return "xid8"


class EventRow(Base):
    """One published event; ``(xid, id)`` is its place in the feed, see ``infra.feed``."""

    __tablename__ = "event"

    xid: Mapped[int] = mapped_column(
        Xid8, primary_key=True, server_default=text("pg_current_xact_id()"), init=False
    )
    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    at: Mapped[Moment] = mapped_column(default_factory=now, server_default=text("now()"))
    type: Mapped[str]
    data: Mapped[Json]
    audience: Mapped[Json] = mapped_column(default_factory=dict, server_default=text("'{}'"))
    """Who may see it: see ``crm_core.staff.visibility.Audience``."""
    audience_before: Mapped[Json | None] = mapped_column(default=None)
    """Who could see its subject before, when that changed: they are told that it is gone."""


class JobRow(Base):
    """One side effect that must happen after a commit; see ``infra.jobs``."""

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "due_at", "id", postgresql_where=text("done_at IS NULL")),
        Index(None, "lane", "id", postgresql_where=text("done_at IS NULL AND lane IS NOT NULL")),
        Index(None, "done_at", postgresql_where=text("done_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, init=False
    )
    name: Mapped[str]
    args: Mapped[Json]
    lane: Mapped[str | None] = mapped_column(default=None)
    """Jobs of one lane run one at a time, in the order they were enqueued."""
    due_at: Mapped[Moment] = mapped_column(default_factory=now)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    error: Mapped[str | None] = mapped_column(default=None)


class FeedEpochRow(Base):
    """The feed's epoch: it changes when history is rewritten, such as by a restore.

    Cursors of another epoch are worthless; their clients start from a snapshot.
    """

    __tablename__ = "feed_epoch"

    epoch: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[Moment] = mapped_column(default_factory=now, server_default=text("now()"))


class ScheduleRow(Base):
    """A recurring job and when it is due next; see ``infra.schedule``."""

    __tablename__ = "schedule"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[Moment] = mapped_column(default_factory=now)


class BlobRow(Base):
    """A blob that something refers to; the content is in ``infra.blobs``."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment] = mapped_column(default_factory=now, server_default=text("now()"))
