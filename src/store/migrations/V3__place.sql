-- What the database is at this place: Active, Closed or Standby.
ALTER TABLE store ADD COLUMN role TEXT NOT NULL DEFAULT 'Active';

-- Which documents a change made, when they have changed since.
CREATE INDEX history_version ON history (version);
-- Kind, scope and key as they were spelt until then, where what came back after a deletion was spelt otherwise.
ALTER TABLE history ADD COLUMN spelling TEXT;

-- With which row of the audit log an epoch began; before the first of them it was epoch 1.
CREATE TABLE epochs (
    sequence INTEGER PRIMARY KEY,
    epoch    INTEGER NOT NULL
) STRICT;
INSERT INTO epochs (sequence, epoch)
    SELECT sequence, CAST(substr(changed, instr(changed, ' to ') + 4) AS INTEGER) FROM audit
    WHERE digest = '' AND version_after = version_before AND changed GLOB 'epoch [0-9]* to [0-9]*';

-- What this place keeps for itself: it goes nowhere.
CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;
