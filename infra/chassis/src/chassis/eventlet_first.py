"""A pytest plugin that patches the standard library for eventlet before anything else is imported.

Use it as `pytest -p chassis.eventlet_first`; without it a test that runs a nameko container hangs.
"""

import eventlet

eventlet.monkey_patch()
