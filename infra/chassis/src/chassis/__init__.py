"""How a service runs: doors, database, outbox, inbox, work."""

import warnings

# eventlet says at each import that it only gets fixes any more. That is known, and no news for an operator's log.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
