"""What is not answered, and why: each says what to do, and becomes a page or JSON of its status."""

from http import HTTPStatus

from include.errors import ChaosControlError

RETRY_SECONDS = 2


class RefusalError(ChaosControlError):
    """A request that gets no answer."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        """Remember the status that says so over HTTP."""
        super().__init__(why)
        self.status = status


def wrong(why: str) -> RefusalError:
    """Refuse what makes no sense."""
    return RefusalError(HTTPStatus.BAD_REQUEST, why)


def not_found(why: str) -> RefusalError:
    """Refuse what is not there."""
    return RefusalError(HTTPStatus.NOT_FOUND, why)


def unavailable(why: str) -> RefusalError:
    """Refuse what cannot be answered now."""
    return RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, f"{why} Try again in {RETRY_SECONDS} seconds.")
