"""The application for gunicorn."""
import os

BODY = b"%d hello\n" % os.getpid()


def application(environ, start_response):
    start_response("200 OK", [("Content-Length", str(len(BODY)))])
    return [BODY]
