/** Tables of the gateway's database. Blobs are exact bytes; times are milliseconds since 1970. */

import type { Schema } from './libsql-database.ts'

const EVIDENCE_PARTS =
  'CREATE TABLE evidence_parts (number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;'

/** Version and SQL of the schema. */
export const SCHEMA: Schema = {
  version: 2,
  upgrades: [EVIDENCE_PARTS],
  sql: `
    CREATE TABLE genesis (only INTEGER PRIMARY KEY CHECK (only = 0), bytes BLOB NOT NULL, leaf_hash BLOB NOT NULL) STRICT;

    CREATE TABLE machines (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, software TEXT NOT NULL DEFAULT '',
      batches INTEGER NOT NULL DEFAULT 0, row_count INTEGER NOT NULL DEFAULT 0, sequence INTEGER NOT NULL DEFAULT 0,
      received_at INTEGER, branches INTEGER NOT NULL DEFAULT 0, forks INTEGER NOT NULL DEFAULT 0,
      told INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE streams (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE definitions (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, bytes BLOB) STRICT;
    CREATE TABLE keys (
      number INTEGER PRIMARY KEY, thumbprint BLOB NOT NULL UNIQUE, machine INTEGER NOT NULL REFERENCES machines,
      cose_key BLOB NOT NULL, retired_sequence INTEGER NOT NULL, revoked INTEGER NOT NULL) STRICT;

    CREATE TABLE leaves (
      idx INTEGER PRIMARY KEY CHECK (idx >= 1), machine INTEGER NOT NULL REFERENCES machines, boot BLOB NOT NULL,
      sequence INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, prev BLOB, definition INTEGER NOT NULL REFERENCES definitions,
      stream INTEGER NOT NULL REFERENCES streams, key INTEGER NOT NULL REFERENCES keys, statement BLOB NOT NULL,
      message BLOB NOT NULL, leaf_hash BLOB NOT NULL, row_count INTEGER NOT NULL, first_time INTEGER, last_time INTEGER,
      received_at INTEGER NOT NULL, link TEXT NOT NULL CHECK (link IN ('first', 'linked', 'gap', 'branch'))) STRICT;
    CREATE UNIQUE INDEX leaves_by_history ON leaves (machine, sequence, boot);
    CREATE INDEX leaves_by_time ON leaves (machine, stream, last_time);
    CREATE INDEX leaves_by_machine ON leaves (machine);

    CREATE TABLE refusals (
      number INTEGER PRIMARY KEY, machine TEXT NOT NULL, digest BLOB NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
      message BLOB NOT NULL, received_at INTEGER NOT NULL) STRICT;
    CREATE TABLE forks (
      number INTEGER PRIMARY KEY, machine TEXT NOT NULL, idx INTEGER NOT NULL, id BLOB NOT NULL UNIQUE,
      message BLOB NOT NULL, received_at INTEGER NOT NULL) STRICT;

    CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, root BLOB NOT NULL, receipt BLOB, note BLOB) STRICT;

    CREATE TABLE anchors (
      id INTEGER PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('intent', 'included', 'final', 'lost')),
      size INTEGER NOT NULL, root BLOB NOT NULL, tx_hash BLOB, block_number INTEGER, block_hash BLOB, evidence BLOB) STRICT;
    CREATE INDEX anchors_by_state ON anchors (state, size);
    CREATE TABLE anchor_transactions (
      number INTEGER PRIMARY KEY, anchor INTEGER NOT NULL REFERENCES anchors, nonce INTEGER NOT NULL,
      tx_hash BLOB NOT NULL, raw BLOB NOT NULL) STRICT;
    CREATE INDEX anchor_transactions_of ON anchor_transactions (anchor);
    ${EVIDENCE_PARTS}
  `,
}
