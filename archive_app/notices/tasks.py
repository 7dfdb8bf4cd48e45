"""Background work on notices: letters go by the queue, so that a slow server holds up no clock."""

from archive_app.core import clock, mail
from archive_app.core.jobs import sweep, task
from archive_app.notices import mailing


@task
def post() -> None:
    """Send the letters that wait."""
    mailing.send_waiting(clock.now())


@sweep
def nudge_post() -> None:
    """Have the letters sent, if there is a mail server and something waits."""
    if mail.server() is not None and mailing.waiting(clock.now()):
        post()
