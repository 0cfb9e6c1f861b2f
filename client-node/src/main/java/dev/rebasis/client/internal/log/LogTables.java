package dev.rebasis.client.internal.log;

import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of the log. Made once, with a comment on each for whoever reads them. Pure but for the connection. */
final class LogTables {
  /** The format of the tables. Raised when they change; a store of another format is refused. */
  static final int FORMAT = 4;

  private static final String[] STATEMENTS = {
    """
    CREATE TABLE setting (
      name VARCHAR(40) PRIMARY KEY,
      text VARCHAR(2000) NOT NULL)""",
    "COMMENT ON TABLE setting IS 'What this store is: format, store id, client number, database id'",

    """
    CREATE TABLE confirmed (
      t BIGINT PRIMARY KEY,
      instant TIMESTAMP(3) WITH TIME ZONE,
      first_datom BIGINT NOT NULL,
      datoms INTEGER NOT NULL,
      chain CHARACTER VARYING(32) NOT NULL,
      withdrawn INTEGER NOT NULL,
      whole BOOLEAN NOT NULL)""",
    "COMMENT ON TABLE confirmed IS 'Transactions that the server confirmed, by T'",
    "COMMENT ON COLUMN confirmed.instant IS 'When the server committed it (:db/txInstant)'",
    "COMMENT ON COLUMN confirmed.first_datom IS 'Its datoms are those with this number and the following'",
    "COMMENT ON COLUMN confirmed.datoms IS 'How many datoms it has'",
    "COMMENT ON COLUMN confirmed.chain IS 'Hash over this and all transactions before it'",

    "COMMENT ON COLUMN confirmed.withdrawn IS 'How many entities left the part of the database that is held here, or came in, with it'",
    "COMMENT ON COLUMN confirmed.whole IS 'False: datoms were forgotten since, or came later, so that the chain no longer tells its content'",

    """
    CREATE TABLE withdrawn (
      t BIGINT NOT NULL,
      e BIGINT NOT NULL,
      PRIMARY KEY (t, e))""",
    "COMMENT ON TABLE withdrawn IS 'Entities of which everything was forgotten at T: they left the scopes, or came in anew with what follows'",

    """
    CREATE TABLE scope (
      n INTEGER PRIMARY KEY,
      name VARCHAR(1000000) NOT NULL,
      spec CHARACTER LARGE OBJECT NOT NULL)""",
    "COMMENT ON TABLE scope IS 'The parts of the database that are held here, if setting part is yes; else all of it is'",
    "COMMENT ON COLUMN scope.spec IS 'Query, inputs and pull pattern, as EDN'",

    """
    CREATE TABLE datom (
      n BIGINT PRIMARY KEY,
      t BIGINT NOT NULL,
      e BIGINT NOT NULL,
      a BIGINT NOT NULL,
      type VARCHAR(10) NOT NULL,
      v VARCHAR(1000000),
      v_number BIGINT,
      v_long_text CHARACTER LARGE OBJECT,
      added BOOLEAN NOT NULL)""",
    "COMMENT ON TABLE datom IS 'The datoms of the confirmed transactions, in the server''s order'",
    "COMMENT ON COLUMN datom.n IS 'Counts the datoms of this store'",
    "COMMENT ON COLUMN datom.t IS 'T of the transaction that asserted or retracted it'",
    "COMMENT ON COLUMN datom.e IS 'Entity id'",
    "COMMENT ON COLUMN datom.a IS 'Entity id of the attribute; table ident has its name'",
    "COMMENT ON COLUMN datom.type IS 'Type of the value; a reference is a long, the entity id'",
    "COMMENT ON COLUMN datom.v IS 'The value as text: strings as they are, bytes in hexadecimal, tuples as EDN'",
    "COMMENT ON COLUMN datom.v_number IS 'The same for longs, references and instants (milliseconds since 1970)'",
    "COMMENT ON COLUMN datom.v_long_text IS 'The value instead of v if it has more than 1000000 characters'",
    "COMMENT ON COLUMN datom.added IS 'True: asserted. False: retracted'",

    """
    CREATE TABLE ident (
      entity BIGINT PRIMARY KEY,
      name VARCHAR(2000) NOT NULL)""",
    "COMMENT ON TABLE ident IS 'Names of attributes and other named entities (:db/ident), as last confirmed'",

    """
    CREATE TABLE pending (
      seq BIGINT PRIMARY KEY,
      id UUID NOT NULL,
      basis_t BIGINT NOT NULL,
      made_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      last_local BIGINT NOT NULL,
      forms VARCHAR(1000000),
      long_forms CHARACTER LARGE OBJECT,
      tempids VARCHAR(1000000) NOT NULL,
      terms VARCHAR(1000000),
      digest VARCHAR(16) NOT NULL)""",
    "COMMENT ON TABLE pending IS 'Transactions made here that the server has not decided yet, in order'",
    "COMMENT ON COLUMN pending.seq IS 'Counts the transactions made in this store'",
    "COMMENT ON COLUMN pending.id IS 'The transaction''s id, :rebasis.tx/id on the server'",
    "COMMENT ON COLUMN pending.basis_t IS 'Newest confirmed T when it was made'",
    "COMMENT ON COLUMN pending.made_at IS 'This machine''s clock when it was made'",
    "COMMENT ON COLUMN pending.last_local IS 'Highest local number given out so far'",
    "COMMENT ON COLUMN pending.forms IS 'What its author wrote, as EDN; negative numbers are entities made here'",
    "COMMENT ON COLUMN pending.long_forms IS 'The same instead of forms if it has more than 1000000 characters'",
    "COMMENT ON COLUMN pending.tempids IS 'Local number of each temporary id, as EDN'",
    "COMMENT ON COLUMN pending.terms IS 'What else bears on the decision (policies, premises, ...), as EDN; null if nothing'",
    "COMMENT ON COLUMN pending.digest IS 'Hash of the row, to notice damage'",

    """
    CREATE TABLE outcome (
      seq BIGINT PRIMARY KEY,
      n BIGINT GENERATED BY DEFAULT AS IDENTITY (CACHE 4096) UNIQUE,
      id UUID NOT NULL,
      kind VARCHAR(10) NOT NULL,
      duplicate BOOLEAN NOT NULL,
      t BIGINT NOT NULL,
      reason VARCHAR(2000),
      message VARCHAR(1000000),
      basis_t BIGINT NOT NULL,
      made_at TIMESTAMP(3) WITH TIME ZONE NOT NULL,
      last_local BIGINT NOT NULL,
      forms VARCHAR(1000000),
      long_forms CHARACTER LARGE OBJECT,
      tempids VARCHAR(1000000) NOT NULL,
      terms VARCHAR(1000000),
      digest VARCHAR(16) NOT NULL)""",
    "COMMENT ON TABLE outcome IS 'Transactions made here that the server has decided, and what became of them'",
    "COMMENT ON COLUMN outcome.n IS 'Counts the outcomes in the order in which they came'",
    "COMMENT ON COLUMN outcome.kind IS 'accepted, merged, parked or rejected; undone if it was taken back unsent'",
    "COMMENT ON COLUMN outcome.duplicate IS 'True if the server had decided it at an earlier push'",
    "COMMENT ON COLUMN outcome.t IS 'T at which it was decided; 0 if the server wrote nothing'",
    "COMMENT ON COLUMN outcome.reason IS 'Why it was parked or rejected, as a code'",
    "COMMENT ON COLUMN outcome.message IS 'Why it was parked or rejected, in words'",

    """
    CREATE TABLE notable (
      seq BIGINT PRIMARY KEY,
      kind VARCHAR(10) NOT NULL,
      settled VARCHAR(10),
      settled_by UUID)""",
    "COMMENT ON TABLE notable IS 'Those in table outcome that were not simply accepted: merged, parked, rejected'",
    "COMMENT ON COLUMN notable.settled IS 'What a person did about it: retried or discarded; null if nothing yet'",
    "COMMENT ON COLUMN notable.settled_by IS 'The transaction that took it up again, if it was retried'",
    "CREATE UNIQUE INDEX outcome_id ON outcome(id)",

    """
    CREATE TABLE outcome_cursor (
      name VARCHAR(200) PRIMARY KEY,
      n BIGINT NOT NULL)""",
    "COMMENT ON TABLE outcome_cursor IS 'How far a program has dealt with the outcomes: outcome.n of the last one'",

    """
    CREATE TABLE conflict (
      n BIGINT GENERATED BY DEFAULT AS IDENTITY (CACHE 4096) PRIMARY KEY,
      seq BIGINT NOT NULL,
      kind VARCHAR(2000) NOT NULL,
      entity BIGINT NOT NULL,
      attribute VARCHAR(2000),
      base VARCHAR(1000000) NOT NULL,
      local VARCHAR(1000000) NOT NULL,
      remote VARCHAR(1000000) NOT NULL,
      resolved VARCHAR(1000000) NOT NULL,
      policy VARCHAR(2000) NOT NULL,
      remote_tx BIGINT NOT NULL)""",
    "COMMENT ON TABLE conflict IS 'What transactions made here met on the server; values are EDN lists'",
    "COMMENT ON COLUMN conflict.seq IS 'The transaction, in table outcome'",
    "COMMENT ON COLUMN conflict.attribute IS 'Null if the whole entity is meant'",
    "COMMENT ON COLUMN conflict.base IS 'Values that both started from'",
    "COMMENT ON COLUMN conflict.local IS 'Values wanted here'",
    "COMMENT ON COLUMN conflict.remote IS 'Values that others had confirmed'",
    "COMMENT ON COLUMN conflict.resolved IS 'Values that stand now'",
    "COMMENT ON COLUMN conflict.remote_tx IS 'The last transaction of the others, its entity id'",
    "CREATE INDEX conflict_seq ON conflict(seq)",

    """
    CREATE TABLE made (
      local_number BIGINT PRIMARY KEY,
      entity BIGINT NOT NULL)""",
    "COMMENT ON TABLE made IS 'Entities made here: local number (the local id is its negation) and the server''s id'",

    """
    CREATE VIEW named_datom AS
      SELECT d.n, d.t, c.instant, d.e, coalesce(a.name, cast(d.a AS VARCHAR)) AS attribute, d.type,
             coalesce(d.v, d.v_long_text) AS v, d.added
      FROM datom d
      LEFT JOIN confirmed c ON c.t = d.t
      LEFT JOIN ident a ON a.entity = d.a""",
    "COMMENT ON VIEW named_datom IS 'The confirmed datoms with their attributes'' names and the time of commit'",

    "CREATE USER IF NOT EXISTS reader PASSWORD ''",
    "GRANT SELECT ON SCHEMA PUBLIC TO reader",
  };

  /** What makes forgetting single entities quick; only stores that hold a part of a database need it. */
  private static final String[] FOR_PARTS = {
    "CREATE INDEX IF NOT EXISTS datom_e ON datom(e)",
    "CREATE INDEX IF NOT EXISTS confirmed_first_datom ON confirmed(first_datom)",
  };

  private LogTables() {}

  /** Prepares the tables of a store that holds a part of a database. Commits what was written before. */
  static void prepareForParts(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : FOR_PARTS) {
        statement.execute(sql);
      }
    }
  }

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : STATEMENTS) {
        statement.execute(sql);
      }
    }
    fillIdents(connection);
  }

  /** The names that every database begins with. */
  static void fillIdents(Connection connection) throws SQLException {
    try (PreparedStatement merge = connection.prepareStatement("MERGE INTO ident KEY (entity) VALUES (?, ?)")) {
      for (Datom datom : Bootstrap.datoms()) {
        if (datom.a() == SystemIds.DB_IDENT && datom.added()) {
          merge.setLong(1, datom.e());
          merge.setString(2, Bootstrap.schema().ident(datom.e()).toString());
          merge.addBatch();
        }
      }
      merge.executeBatch();
    }
  }
}
