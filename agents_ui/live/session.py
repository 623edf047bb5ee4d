"""A live connection as the hub sees it: a position in the feed, not a queue."""

import time
from collections import deque
from collections.abc import Sequence
from uuid import UUID

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN

from agents_ui.live.tail import Sent
from crm_core.staff.visibility import Viewer
from infra.events import Cursor


HIGH = 64 << 10  # bytes waiting to be sent from which on a client waits for its turn
LIMIT = 256 << 10  # bytes waiting to be sent at which a client is cut
PATIENCE = 20.0  # seconds a client may make no room
BEHIND = 3_000  # events a client that makes no room may be behind
CLOSE_BEHIND = 4408
LAST_WORDS = 2.0  # seconds for the close frame to leave


encoder = msgspec.json.Encoder()


class LiveSession:
    """One tab of one agent.

    Attributes:
        cursor: How far the feed was looked through for it.
        last: Cursor of the last event sent to it, as text: the chain.
        backlog: Events between its cursor and the ring, after a resume; at most the cap.
        snapshots: Snapshots being sent: they may fill the transport beyond the limit.
    """

    __slots__ = (
        "auth_id",
        "backlog",
        "connection",
        "cursor",
        "epoch",
        "last",
        "protocol",
        "sent_at",
        "sid",
        "snapshots",
        "stuck_since",
        "transport",
        "viewer",
        "visible",
    )

    def __init__(
        self,
        connection: ServerConnection,
        *,
        sid: str,
        viewer: Viewer,
        auth_id: UUID | None,
        epoch: str,
        cursor: Cursor,
        last: str,
        backlog: Sequence[Sent],
    ) -> None:
        self.connection = connection
        self.transport = connection.transport
        self.protocol = connection.protocol
        self.sid = sid
        self.viewer = viewer
        self.auth_id = auth_id
        self.epoch = epoch
        self.cursor = cursor
        self.last = last
        self.backlog = deque(backlog)
        self.snapshots = 0
        self.sent_at = time.monotonic()
        self.stuck_since: float | None = None
        self.visible = True

    @property
    def key(self) -> tuple[UUID, str]:
        """Return whose tab it is."""
        return self.viewer.agent_id, self.sid

    @property
    def is_open(self) -> bool:
        """Say whether frames may still be written."""
        return self.protocol.state is OPEN and not self.transport.is_closing()

    @property
    def waiting(self) -> int:
        """Return how many bytes wait to be sent."""
        return self.transport.get_write_buffer_size()

    def write(self, frame: bytes) -> None:
        """Write a ready-made websocket frame: encoded once, however many sessions get it.

        It goes past ``ServerConnection.send``, which would encode it again for each client.
        Frames are never fragmented here, so they cannot come between parts of another one.
        """
        if self.protocol.state is OPEN and not self.transport.is_closing():
            self.transport.write(frame)
            self.sent_at = time.monotonic()

    def say(self, message: msgspec.Struct) -> None:
        """Send a frame to this session alone."""
        self.write(text_frame(encoder.encode(message)))

    def has_room(self) -> bool:
        """Say whether more may be written; cut the client when it made none for too long."""
        waiting = self.transport.get_write_buffer_size()
        if waiting <= HIGH:
            self.stuck_since = None
            return True
        now = time.monotonic()
        self.stuck_since = self.stuck_since or now
        too_much = waiting > LIMIT and not self.snapshots
        if too_much or now - self.stuck_since > PATIENCE:
            self.close(CLOSE_BEHIND, "behind")
        return False

    def close(self, code: int, reason: str) -> None:
        """End the connection without waiting: a stuck client must not hold anybody up."""
        if self.protocol.state is OPEN:
            self.protocol.send_close(code, reason)
            for data in self.protocol.data_to_send():
                if data:
                    self.transport.write(data)
        loop = self.connection.loop
        loop.call_later(LAST_WORDS, self.transport.abort)


def text_frame(payload: bytes) -> bytes:
    """Return ``payload`` as one websocket text frame of a server (RFC 6455 section 5.2)."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)
