import io
import json
import logging

import pytest
import structlog

from infra import log, metrics


@pytest.fixture
def lines():
    """Read what was logged as JSON so far; the configuration is put back after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    log.configure("json", "info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def test_both_kinds_of_loggers_write_one_form(lines):
    structlog.get_logger("test").info("mail.arrived", account="sales", number=3)
    logging.getLogger("library").warning("odd %s", "thing")
    ours, theirs = lines()
    assert (ours["event"], ours["account"], ours["level"]) == ("mail.arrived", "sales", "info")
    assert (theirs["event"], theirs["level"]) == ("odd thing", "warning")


def test_secrets_are_hidden(lines):
    structlog.get_logger("test").info("signed_in", password="hunter2", Access_Token="t")
    assert lines()[0]["password"] == lines()[0]["Access_Token"] == log.HIDDEN


@pytest.mark.parametrize("format_", ["json", "console"])
def test_failure_is_told_without_the_variables_that_led_to_it(lines, format_):
    del lines  # puts the configuration back
    stream = io.StringIO()
    log.configure(format_, "info", stream)
    password = "hun" + "ter2"
    try:
        raise ValueError("no")  # noqa: TRY301 - its traceback is what matters
    except ValueError:
        structlog.get_logger("failing").exception("failed")
    assert "ValueError" in stream.getvalue()
    assert password not in stream.getvalue()


def test_less_important_lines_are_left_out(lines):
    structlog.get_logger("test").debug("noise")
    assert lines() == []


def test_people_get_readable_lines():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    try:
        log.configure("console", "info", stream)
        structlog.get_logger("test").info("hub.ready", url="http://127.0.0.1:8080")
    finally:
        structlog.reset_defaults()
        root.handlers, root.level = handlers, level
    assert "hub.ready" in stream.getvalue()
    assert "url=http://127.0.0.1:8080" in stream.getvalue()


def test_metrics_are_served_as_text():
    metrics.LIVE_CLOSED.labels("4408").inc()
    text = metrics.render().decode()
    assert 'punte_live_closed_total{code="4408"}' in text
