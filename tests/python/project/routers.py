"""Everything goes to the database that the test is about."""


class Chosen:
    alias = "default"

    def db_for_read(self, model, **hints):
        return Chosen.alias

    db_for_write = db_for_read

    def allow_relation(self, one, other, **hints):
        return True
