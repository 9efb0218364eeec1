"""Errors whose message is one sentence for the person who caused or met them."""


class GenmodError(Exception):
    """Base of all expected errors: `str(error)` is a sentence fit for a page or a terminal."""


class ConfigError(GenmodError):
    """A setting has a value it cannot have."""


class DataError(GenmodError):
    """The training data is missing, damaged or of the wrong shape."""


class StoreError(GenmodError):
    """The store of runs cannot be read or written."""


class RunError(GenmodError):
    """A run does not exist, is damaged, or cannot do what is asked."""


class RoomError(GenmodError):
    """A room of a class does not exist, is full, or cannot be read or written."""
