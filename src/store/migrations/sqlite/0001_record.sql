-- What a database knows of itself. row_salt goes into the id of a row, so that nobody
-- can choose two keys with one id; it is no secret.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('row_salt', randomblob(16));

-- Rows of every kind. id is made from salt, kind and key (row_id in sqlite.c): a look-up
-- is then one descent of one tree with short inner nodes, where a unique index on the
-- key would cost a second descent, and a table without rowid keeps whole rows in its
-- inner nodes.
CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    key TEXT NOT NULL COLLATE BINARY,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    owner TEXT NOT NULL COLLATE BINARY,
    user_id TEXT NOT NULL COLLATE BINARY,
    sid TEXT NOT NULL COLLATE BINARY,
    data BLOB NOT NULL
) STRICT;

CREATE INDEX record_by_owner ON record (kind, owner, created_at, key)
    WHERE owner <> '';
CREATE INDEX record_by_user_id ON record (kind, user_id, created_at, key)
    WHERE user_id <> '';
CREATE INDEX record_by_sid ON record (kind, sid, created_at, key)
    WHERE sid <> '';

-- For the sweep.
CREATE INDEX record_by_end ON record (expires_at) WHERE expires_at <> 0;
CREATE INDEX record_by_age ON record (kind, created_at, key);
