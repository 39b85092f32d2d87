-- The store: one row that says at which version it is, and in which epoch.
CREATE TABLE store (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    epoch    INTEGER NOT NULL,
    version  INTEGER NOT NULL
) STRICT;
INSERT INTO store (only_row, epoch, version) VALUES (1, 1, 0);

-- Documents as they are now; a tombstone has no body. `name` is kind, scope and key in lower case.
CREATE TABLE documents (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    key     TEXT NOT NULL,
    version INTEGER NOT NULL,
    body    TEXT
) STRICT;
CREATE INDEX documents_version ON documents (version);

-- What documents were before their present version.
CREATE TABLE history (
    document INTEGER NOT NULL REFERENCES documents (id),
    version  INTEGER NOT NULL,
    body     TEXT,
    UNIQUE (document, version)
) STRICT;

-- The audit log; `hash` covers the row and `previous`, the hash of the row before.
CREATE TABLE audit (
    sequence       INTEGER PRIMARY KEY,
    time           INTEGER NOT NULL,
    principal      TEXT NOT NULL,
    cmdlet         TEXT NOT NULL,
    place          TEXT NOT NULL,
    parameters     TEXT NOT NULL,
    decision       TEXT NOT NULL,
    through        TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    changed        TEXT NOT NULL,
    digest         TEXT NOT NULL,
    version_before INTEGER NOT NULL,
    version_after  INTEGER NOT NULL,
    previous       BLOB NOT NULL,
    hash           BLOB NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (time);
CREATE UNIQUE INDEX audit_version ON audit (version_after) WHERE version_after > version_before;
