"""How a service runs: doors, database, outbox, inbox, work."""

import os
import warnings

# eventlet says at each import that it only gets fixes any more. That is known, and no news for an operator's log.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

# Its own resolver reads all of dnspython, a third of what a process imports. Broker and database are looked up once
# for a connection that stays; the system's resolver does that as well.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
