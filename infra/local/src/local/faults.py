"""What can keep the stack from starting, said in one sentence to the person at the keyboard."""


class StartFault(Exception):
    """The stack cannot start; the message says why and what to do."""
