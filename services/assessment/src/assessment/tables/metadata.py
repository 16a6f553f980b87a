"""What the tables share."""

from chassis.definitions import named_metadata
from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import UUID

metadata = named_metadata()

ID = UUID(as_uuid=True)
PATH = Text(collation="C")  # compared byte by byte, so that "below this node" is a range of the index
MONTH_TEXT = r"month ~ '^\d{4}-\d{2}$'"
