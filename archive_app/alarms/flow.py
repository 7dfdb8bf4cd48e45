"""The life of an alarm as a table: open until somebody with the permission has looked into it."""

from archive_app.core.flow import Flow, Step

ALARM = Flow("alarm", "open", Step("handle", ("open",), "handled", "alarm.handle"))
