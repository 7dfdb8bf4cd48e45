"""Which database the house is bound to, by its URL."""

from archive_app.core.db import connect, db


def test_a_database_url_may_name_a_socket_folder(archive, postgres):
    before = db.obj
    url = postgres.fresh_database()
    real = connect(url)
    name = real.execute_sql("SELECT current_database(), inet_server_addr()").fetchone()
    real.close()
    postgres.drop(url)
    db.initialize(before)
    assert name == (url.split("@/")[1].split("?")[0], None)
