-- One row: what is held, what was applied last, how far documents and hook have come.
CREATE TABLE state (
    only_row         INTEGER PRIMARY KEY CHECK (only_row = 1),
    deployment       TEXT NOT NULL,
    highest_epoch    INTEGER NOT NULL DEFAULT 0,
    -- What is held; no chain before the first snapshot.
    epoch            INTEGER NOT NULL DEFAULT 0,
    version          INTEGER NOT NULL DEFAULT 0,
    chain            BLOB,
    -- The package that was applied last, and when.
    package_epoch    INTEGER,
    package_from     INTEGER,
    package_to       INTEGER,
    applied_on       INTEGER,
    -- Counts the packages that were applied here; documents carry that of the one that wrote them.
    sequence         INTEGER NOT NULL DEFAULT 0,
    -- Up to which sequence the files are written, and the hook has run.
    projected        INTEGER NOT NULL DEFAULT 0,
    hooked           INTEGER NOT NULL DEFAULT 0,
    -- The run of the operating system in which the files were written.
    boot             TEXT NOT NULL DEFAULT '',
    projection_error TEXT,
    hook_error       TEXT
) STRICT;

-- Documents as they are; `name` is kind, scope and key in lower case, `epoch` that under which each came here.
CREATE TABLE documents (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    scope    TEXT NOT NULL,
    key      TEXT NOT NULL,
    version  INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    body     TEXT NOT NULL
) STRICT;
CREATE INDEX documents_sequence ON documents (sequence);

-- Documents that went away and whose files may still be there, or of which the hook has not heard.
CREATE TABLE removed (
    name     TEXT PRIMARY KEY,
    kind     TEXT NOT NULL,
    scope    TEXT NOT NULL,
    key      TEXT NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_sequence ON removed (sequence);
