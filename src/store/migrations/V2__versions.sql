-- The hash chain of the history: for each version that of all changes up to it. Those of versions that an older
-- program made are filled in from the digests of the audit log when the store is brought up to date.
CREATE TABLE versions (
    version INTEGER PRIMARY KEY,
    chain   BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
