"""What a complete loan desk keeps: baskets, extensions, copies, sessions in the reading room, losses."""

import peewee as pw

NEW = (
    ("basket", pw.BigIntegerField(null=True)),
    ("purpose_class", pw.CharField(40, default="")),
    ("wished_from", pw.DateTimeField(null=True)),
    ("wished_until", pw.DateTimeField(null=True)),
    ("ready_at", pw.DateTimeField(null=True)),
    ("extensions", pw.IntegerField(default=0)),
    ("pages_out", pw.IntegerField(null=True)),
    ("pages_back", pw.IntegerField(null=True)),
    ("condition", pw.CharField(16, default="")),
    ("effect", pw.CharField(40, default="")),
    ("effect_note", pw.CharField(500, default="")),
    ("session", pw.BigIntegerField(null=True)),
    ("picked_at", pw.DateTimeField(null=True)),
)
INDEXES = (("basket",), ("session",), ("state", "handed_at"), ("returned_at",))


def models(db):
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Folder(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "folder"

    class User(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "user_account"

    class Approval(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "approval"

    class Loan(Base):
        id = pw.BigAutoField()

        class Meta:
            table_name = "loan"

    class Copy(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        serial = pw.IntegerField()
        kept = pw.BooleanField(default=False)
        extent = pw.CharField(200, default="")
        pages = pw.IntegerField()
        state = pw.CharField(16)
        made_by = pw.CharField(64)
        made_at = pw.DateTimeField()
        remark = pw.CharField(500, default="")
        ended_by = pw.CharField(64, default="")
        ended_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "folder_copy"
            indexes = ((("folder", "serial"), True), (("state", "id"), False))

    class Extension(Base):
        id = pw.BigAutoField()
        loan = pw.ForeignKeyField(Loan)
        state = pw.CharField(16)
        reason = pw.CharField(500)
        due_before = pw.DateTimeField()
        due_after = pw.DateTimeField()
        approval = pw.ForeignKeyField(Approval, null=True)
        rule_book = pw.IntegerField()
        clause = pw.CharField(200, default="")
        asked_by = pw.CharField(64)
        asked_at = pw.DateTimeField()
        closed_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "loan_extension"

    class RoomSession(Base):
        id = pw.BigAutoField()
        reader = pw.ForeignKeyField(User)
        seat = pw.CharField(16)
        signed_in_at = pw.DateTimeField()
        signed_in_by = pw.CharField(64)
        ends_at = pw.DateTimeField()
        signed_out_at = pw.DateTimeField(null=True)
        signed_out_by = pw.CharField(64, default="")
        remark = pw.CharField(300, default="")

        class Meta:
            table_name = "room_session"
            indexes = ((("reader", "id"), False), (("signed_in_at",), False))

    class Incident(Base):
        id = pw.BigAutoField()
        folder = pw.ForeignKeyField(Folder)
        loan = pw.ForeignKeyField(Loan, null=True)
        copy = pw.ForeignKeyField(Copy, null=True)
        person = pw.ForeignKeyField(User, null=True)
        kind = pw.CharField(16)
        pages = pw.IntegerField(default=0)
        facts = pw.CharField(1000)
        state = pw.CharField(16)
        approval = pw.ForeignKeyField(Approval, null=True)
        rule_book = pw.IntegerField()
        clause = pw.CharField(200, default="")
        penalty = pw.CharField(200, default="")
        reported_by = pw.CharField(64)
        reported_at = pw.DateTimeField()
        settlement = pw.CharField(1000, default="")
        settled_by = pw.CharField(64, default="")
        settled_at = pw.DateTimeField(null=True)

        class Meta:
            table_name = "incident"
            indexes = ((("folder", "id"), False), (("state", "id"), False))

    class BasketItem(Base):
        id = pw.BigAutoField()
        user = pw.ForeignKeyField(User)
        folder = pw.ForeignKeyField(Folder)
        added_at = pw.DateTimeField()

        class Meta:
            table_name = "basket_item"
            indexes = ((("user", "folder"), True),)

    present = RoomSession.signed_out_at.is_null()
    RoomSession.add_index(
        RoomSession.index(RoomSession.reader, unique=True, where=present, name="room_one_reader")
    )
    RoomSession.add_index(
        RoomSession.index(RoomSession.seat, unique=True, where=present, name="room_one_seat")
    )
    asked = Extension.state == "requested"
    Extension.add_index(Extension.index(Extension.loan, unique=True, where=asked, name="extension_one_open"))
    return [Copy, Extension, RoomSession, Incident, BasketItem]


def up(migrator, db):
    tables = models(db)
    db.create_tables(tables)
    copy = tables[0]
    for name, field in NEW:
        migrator.migrate(migrator.add_column("loan", name, field))
    link = pw.ForeignKeyField(copy, field=copy.id, null=True)
    migrator.migrate(migrator.add_column("loan", "copy_id", link))
    for columns in INDEXES:
        migrator.migrate(migrator.add_index("loan", columns))


def down(migrator, db):
    for columns in INDEXES:
        migrator.migrate(migrator.drop_index("loan", "loan_" + "_".join(columns)))
    migrator.migrate(migrator.drop_index("loan", "loan_copy_id"))
    migrator.migrate(migrator.drop_column("loan", "copy_id"))
    for name, _field in reversed(NEW):
        migrator.migrate(migrator.drop_column("loan", name))
    db.drop_tables(list(reversed(models(db))))
