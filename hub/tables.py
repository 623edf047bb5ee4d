"""Every table of the hub, loaded: import this before using ``Base.metadata`` as a whole."""

import channels.webchat.tables
import crm_core.staff.tables
import crm_core.tables
import crm_core.task_tables
import inbox.chat_tables
import inbox.tables
import inbox.visitor_tables
from infra.tables import Base


metadata = Base.metadata

__all__ = ["channels", "crm_core", "inbox", "metadata"]
