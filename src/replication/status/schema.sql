-- A row for each replica that has reported; `name` is the computer's in lower case. Times are ticks.
CREATE TABLE IF NOT EXISTS replicas (
    name                 TEXT PRIMARY KEY,
    computer             TEXT NOT NULL,
    epoch                INTEGER,
    version              INTEGER,
    chain                BLOB,
    last_package_kind    TEXT,
    last_status_report   INTEGER,
    last_update_creation INTEGER,
    last_contact         INTEGER,
    product              TEXT,
    last_error           TEXT,
    hook_error           TEXT,
    not_after            INTEGER,
    clock_skew_seconds   INTEGER
) STRICT;

-- What the master keeps of itself.
CREATE TABLE IF NOT EXISTS central (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    updated   INTEGER,
    heartbeat INTEGER,
    forgotten INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT OR IGNORE INTO central (only_row) VALUES (1);
