"""What the API refuses, with the status that Toxiproxy would give."""

from http import HTTPStatus

from include.errors import ChaosControlError


class RefusalError(ChaosControlError):
    """A request that cannot be met."""

    def __init__(self, status: HTTPStatus, said: str) -> None:
        """Say why, and with which HTTP status."""
        super().__init__(said)
        self.status = status


def wrong(said: str) -> RefusalError:
    """Refuse what is malformed."""
    return RefusalError(HTTPStatus.BAD_REQUEST, said)


def not_found(said: str) -> RefusalError:
    """Refuse what is not there."""
    return RefusalError(HTTPStatus.NOT_FOUND, said)


def conflict(said: str) -> RefusalError:
    """Refuse what is there already, or taken."""
    return RefusalError(HTTPStatus.CONFLICT, said)
