"""The command that runs everything: web threads and background worker in one process, one Ctrl-C."""

from __future__ import annotations

import logging
import signal
import threading
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import click

import archive_app
from archive_app.cli.frame import Run, archive, command, open_archive
from archive_app.cli.house import fill, prepare, set_up
from archive_app.core import jobs
from archive_app.core.errors import Misconfigured
from archive_app.core.i18n import _
from archive_app.people.models import User
from archive_app.web.app import create_app, settings, versions

log = logging.getLogger("archive_app")


@command(archive, "serve", who="bare")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="requests answered at once")
@click.option("--workers", default=1, show_default=True, help="background jobs done at once")
@click.option(
    "--first-run", is_flag=True, help="set up on first start: the demo room if DEMO is set, else ask"
)
@click.option("--no-worker", is_flag=True, help="answer requests only; another process does the jobs")
def serve(
    run: Run, *, host: str, port: int, threads: int, workers: int, first_run: bool, no_worker: bool
) -> None:
    """Serve the archive on http://127.0.0.1:8000 with its background worker."""
    import waitress

    _log_to_terminal()
    if first_run:
        _first_run(run)
    open_archive()
    app = create_app()
    log.info("archive %(archive)s, peewee %(peewee)s, %(driver)s", versions())
    try:
        server = waitress.create_server(app, host=host, port=port, threads=threads, ident=None)
    except OSError as error:
        values = {"port": port, "other": port + 1, "why": error.strerror}
        free = _("%(port)s 端口用不了：%(why)s。请换一个：serve --port %(other)s。", **values)
        raise Misconfigured(free) from error
    running = None if no_worker else start_worker(workers)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    log.info("http://%s:%s", host, port)
    try:
        server.run()  # returns on Ctrl-C
    finally:
        server.close()
        if running is not None:
            running.stop()
        log.info("stopped")


@command(archive, "worker", who="bare")
@click.option("--workers", default=1, show_default=True, help="background jobs done at once")
def worker(run: Run, *, workers: int) -> None:
    """Do the background jobs only, beside `serve --no-worker` or another web server."""
    _log_to_terminal()
    open_archive()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    running = start_worker(workers)
    log.info("working; Ctrl-C ends it")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()
        log.info("stopped")


def _log_to_terminal() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)


def _first_run(run: Run) -> None:
    """Migrate, and set up an empty archive; nothing more when there are people already."""
    prepare()
    if User.select().exists():
        return
    if settings()["DEMO"]:
        fill(run)
    else:
        set_up(run, False, "default", {})


@dataclass(frozen=True)
class Worker:
    """The threads that do the jobs, and the one that runs the sweeps."""

    consumer: Any
    ticker: jobs.Ticker

    def stop(self) -> None:
        """End both; a job that runs is finished first."""
        self.ticker.stop()
        self.consumer.stop(graceful=True)


def know_jobs() -> None:
    """Import the ``tasks`` and ``*_tasks`` modules of every room, which registers their jobs and sweeps."""
    for module in walk_packages(archive_app.__path__, "archive_app."):
        if f"_{module.name.rpartition('.')[2]}".endswith("_tasks"):
            import_module(module.name)


def start_worker(workers: int) -> Worker:
    """Start the worker's threads; it looks at the queue every second, at the clock every 20."""
    know_jobs()
    consumer = jobs.queue().create_consumer(workers=workers, periodic=False, max_delay=1.0)
    consumer.shutdown_timeout = 30
    consumer._set_signal_handlers = lambda: None  # signals belong to the process, not to the worker
    consumer.start()
    ticker = jobs.Ticker()
    ticker.start()
    return Worker(consumer, ticker)


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
