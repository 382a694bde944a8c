package dev.pg2kinesis.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Catalog;
import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What real servers send, and what is read from it. */
@ParameterizedClass
@ValueSource(ints = {14, 15, 16, 17, 18})
class PgOutputDecoderIT {

  private final int major;
  private final DecodedSlot db;

  PgOutputDecoderIT(int major) throws SQLException {
    this.major = major;
    this.db = DecodedSlot.on(major, Plugin.PGOUTPUT);
  }

  @AfterEach
  void drop() throws SQLException {
    db.close();
  }

  private void published(String... statements) throws SQLException {
    db.run(statements);
    db.run("CREATE PUBLICATION p FOR ALL TABLES");
    db.create("p");
  }

  @Test
  void insertUpdateDelete() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY, \"Odd \"\"name\" text)");
    db.run(
        "INSERT INTO public.t VALUES (1, 'a'), (2, NULL)",
        "UPDATE public.t SET \"Odd \"\"name\" = E'Füß \\n 😀' WHERE id = 1",
        "UPDATE public.t SET id = 3 WHERE id = 1",
        "DELETE FROM public.t");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.t [id] id=1 Odd \"name=a",
            "INSERT public.t [id] id=2 Odd \"name=null",
            "UPDATE public.t [id] id=1 Odd \"name=Füß \n 😀",
            "UPDATE public.t [id] (id=1) id=3 Odd \"name=Füß \n 😀",
            "DELETE public.t [id] (id=2)",
            "DELETE public.t [id] (id=3)");
  }

  @Test
  void commitIsItsRecordsEndAndItsTime() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY)");
    db.run("BEGIN", "INSERT INTO public.t VALUES (1)");
    String xid = db.query("SELECT txid_current()");
    db.run("COMMIT", "INSERT INTO public.t VALUES (2)");
    Instant now =
        Instant.ofEpochMilli(
            Long.parseLong(db.query("SELECT floor(extract(epoch FROM now()) * 1000)::bigint")));

    List<Transaction> both = db.transactions();
    Commit first = both.get(0).commit();
    assertThat(first.xid()).isEqualTo(Long.parseLong(xid));
    assertThat(Objects.requireNonNull(first.time()))
        .isBetween(now.minus(Duration.ofMinutes(10)), now.plusMillis(1));
    assertThat(both.get(1).commit().lsn()).isGreaterThan(first.lsn());

    db.advance(first.lsn());
    assertThat(db.transactions()).containsExactly(both.get(1));
  }

  @Test
  void oldRowsFollowTheReplicaIdentity() throws SQLException {
    published(
        "CREATE TABLE public.d (a int, b int, c int, PRIMARY KEY (c, a))",
        "CREATE TABLE public.i (a int PRIMARY KEY, b int NOT NULL, c int NOT NULL)",
        "CREATE UNIQUE INDEX i_index ON public.i (c, b) INCLUDE (a)",
        "ALTER TABLE public.i REPLICA IDENTITY USING INDEX i_index",
        "CREATE TABLE public.f (a int, b int, c int, PRIMARY KEY (c, a))",
        "ALTER TABLE public.f REPLICA IDENTITY FULL",
        "CREATE TABLE public.g (a int, b int, c int)",
        "ALTER TABLE public.g REPLICA IDENTITY FULL",
        "CREATE TABLE public.n (a int, b int, c int, PRIMARY KEY (c, a))",
        "ALTER TABLE public.n REPLICA IDENTITY NOTHING");
    for (String table : List.of("d", "i", "f", "g", "n")) {
      db.run("INSERT INTO public." + table + " VALUES (1, 2, 3)");
      if (!table.equals("n")) {
        db.run(
            "UPDATE public." + table + " SET b = 2",
            "UPDATE public." + table + " SET c = 4",
            "DELETE FROM public." + table);
      }
    }

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.d [c, a] a=1 b=2 c=3",
            "UPDATE public.d [c, a] a=1 b=2 c=3",
            "UPDATE public.d [c, a] (a=1 c=3) a=1 b=2 c=4",
            "DELETE public.d [c, a] (a=1 c=4)",
            "INSERT public.i [c, b] a=1 b=2 c=3",
            "UPDATE public.i [c, b] a=1 b=2 c=3",
            "UPDATE public.i [c, b] (b=2 c=3) a=1 b=2 c=4",
            "DELETE public.i [c, b] (b=2 c=4)",
            "INSERT public.f [c, a] a=1 b=2 c=3",
            "UPDATE public.f [c, a] (a=1 b=2 c=3) a=1 b=2 c=3",
            "UPDATE public.f [c, a] (a=1 b=2 c=3) a=1 b=2 c=4",
            "DELETE public.f [c, a] (a=1 b=2 c=4)",
            "INSERT public.g [] a=1 b=2 c=3",
            "UPDATE public.g [] (a=1 b=2 c=3) a=1 b=2 c=3",
            "UPDATE public.g [] (a=1 b=2 c=3) a=1 b=2 c=4",
            "DELETE public.g [] (a=1 b=2 c=4)",
            "INSERT public.n [c, a] a=1 b=2 c=3");
  }

  @Test
  void tableAlteredInMidPeekAndBetweenPeeks() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY, b text, c int)");
    db.run(
        "INSERT INTO public.t VALUES (1, 'b', 1)",
        "BEGIN",
        "INSERT INTO public.t VALUES (2, 'b', 2)",
        "ALTER TABLE public.t DROP COLUMN b, ADD COLUMN d text DEFAULT 'd'",
        "INSERT INTO public.t VALUES (3, 3, 'd3')",
        "COMMIT",
        "ALTER TABLE public.t RENAME c TO \"C\"",
        "ALTER TABLE public.t RENAME TO t2",
        "INSERT INTO public.t2 VALUES (4, 4, 'd4')");
    List<Transaction> first = db.transactions();
    assertThat(first.stream().flatMap(t -> t.changes().stream()).map(ChangeLine::of))
        .containsExactly(
            "INSERT public.t [id] id=1 b=b c=1",
            "INSERT public.t [id] id=2 b=b c=2",
            "INSERT public.t [id] id=3 c=3 d=d3",
            "INSERT public.t2 [id] id=4 C=4 d=d4");

    db.advance(first.get(first.size() - 1).commit().lsn());
    db.run(
        "ALTER TABLE public.t2 ALTER \"C\" TYPE text, DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (d, id)",
        "UPDATE public.t2 SET d = 'e' WHERE id = 4");
    assertThat(db.lines()).containsExactly("UPDATE public.t2 [d, id] (id=4 d=d4) id=4 C=4 d=e");
  }

  @Test
  void columnListsAndRowFilters() throws SQLException {
    Assumptions.assumeTrue(major >= 15, "PostgreSQL 15 has them");
    db.run(
        "CREATE TABLE public.t (a int, b int, c int, d int, PRIMARY KEY (c, a))",
        "CREATE TABLE public.i (a int, b int, PRIMARY KEY (b, a))",
        "CREATE PUBLICATION p FOR TABLE public.t (d, c, a) WHERE (a > 10)",
        "CREATE PUBLICATION only_inserts FOR TABLE public.i (a) WITH (publish = 'insert')");
    db.create("p", "only_inserts");
    db.run(
        "INSERT INTO public.t VALUES (1, 2, 3, 4), (11, 12, 13, 14)",
        "UPDATE public.t SET a = 21 WHERE a = 1",
        "UPDATE public.t SET b = 22 WHERE a = 21",
        "UPDATE public.t SET a = 5 WHERE a = 21",
        "DELETE FROM public.t",
        "INSERT INTO public.i VALUES (1, 2)",
        "DELETE FROM public.i");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.t [c, a] a=11 c=13 d=14",
            "INSERT public.t [c, a] a=21 c=3 d=4",
            "UPDATE public.t [c, a] a=21 c=3 d=4",
            "DELETE public.t [c, a] (a=21 c=3)",
            "DELETE public.t [c, a] (a=11 c=13)",
            "INSERT public.i [a] a=1");
  }

  private void partitioned(String publication) throws SQLException {
    db.run(
        "CREATE TABLE public.root (a int, b int, c text, PRIMARY KEY (b, a)) PARTITION BY LIST (a)",
        "CREATE TABLE public.leaf1 PARTITION OF public.root FOR VALUES IN (1)",
        "CREATE TABLE public.leaf2 (c text, b int NOT NULL, x int, a int NOT NULL)",
        "ALTER TABLE public.leaf2 DROP COLUMN x",
        "ALTER TABLE public.root ATTACH PARTITION public.leaf2 FOR VALUES IN (2)",
        "ALTER TABLE public.leaf2 REPLICA IDENTITY FULL",
        "CREATE PUBLICATION p FOR TABLE public.root " + publication);
    db.create("p");
    db.run(
        "INSERT INTO public.root VALUES (1, 1, 'x'), (2, 2, 'y')",
        "UPDATE public.root SET c = 'z'",
        "UPDATE public.root SET a = 2 WHERE a = 1",
        "DELETE FROM public.root WHERE b = 2",
        "TRUNCATE public.root");
  }

  @Test
  void partitionsUnderTheirOwnNames() throws SQLException {
    partitioned("");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.leaf1 [b, a] a=1 b=1 c=x",
            "INSERT public.leaf2 [b, a] c=y b=2 a=2",
            "UPDATE public.leaf1 [b, a] a=1 b=1 c=z",
            "UPDATE public.leaf2 [b, a] (c=y b=2 a=2) c=z b=2 a=2",
            "DELETE public.leaf1 [b, a] (a=1 b=1)",
            "INSERT public.leaf2 [b, a] c=z b=1 a=2",
            "DELETE public.leaf2 [b, a] (c=z b=2 a=2)",
            "TRUNCATE public.leaf1",
            "TRUNCATE public.leaf2");
  }

  @Test
  void partitionsUnderTheRootsName() throws SQLException {
    partitioned("WITH (publish_via_partition_root)");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.root [b, a] a=1 b=1 c=x",
            "INSERT public.root [b, a] a=2 b=2 c=y",
            "UPDATE public.root [b, a] a=1 b=1 c=z",
            "UPDATE public.root [b, a] (a=2 b=2) a=2 b=2 c=z",
            "DELETE public.root [b, a] (a=1 b=1)",
            "INSERT public.root [b, a] a=2 b=1 c=z",
            "DELETE public.root [b, a] (a=2 b=2)",
            "TRUNCATE public.root");
  }

  @Test
  void rootWithoutKeyTakesThePartitions() throws SQLException {
    db.run(
        "CREATE TABLE public.root (a int, b int NOT NULL, c text) PARTITION BY LIST (a)",
        "CREATE TABLE public.leaf PARTITION OF public.root (PRIMARY KEY (b)) FOR VALUES IN (1)",
        "CREATE PUBLICATION p FOR TABLE public.root WITH (publish_via_partition_root)");
    db.create("p");
    db.run("INSERT INTO public.root VALUES (1, 2, 'x')", "DELETE FROM public.root");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.root [] a=1 b=2 c=x", //
            "DELETE public.root [] (b=2)");
  }

  /** A known loss: the server says neither whose the old row is nor that it is a key alone. */
  @Test
  void rootInFullReplicaIdentityHidesThatThePartitionsIsSmaller() throws SQLException {
    db.run(
        "CREATE TABLE public.root (a int, b int, c text, PRIMARY KEY (a, b)) PARTITION BY LIST (a)",
        "CREATE TABLE public.leaf PARTITION OF public.root FOR VALUES IN (1)",
        "ALTER TABLE public.root REPLICA IDENTITY FULL",
        "CREATE PUBLICATION p FOR TABLE public.root WITH (publish_via_partition_root)");
    db.create("p");
    db.run("INSERT INTO public.root VALUES (1, 2, 'x')", "DELETE FROM public.root");

    assertThat(db.lines())
        .containsExactly(
            "INSERT public.root [a, b] a=1 b=2 c=x", "DELETE public.root [a, b] (a=1 b=2 c=null)");
  }

  @Test
  void keysThatAreNoReplicaIdentity() throws SQLException {
    db.run(
        "CREATE TABLE public.t (a int, b int, PRIMARY KEY (b, a) DEFERRABLE)",
        "CREATE PUBLICATION p FOR TABLE public.t WITH (publish = 'insert')");
    db.create("p");
    db.run("INSERT INTO public.t VALUES (1, 2)");

    assertThat(db.lines()).containsExactly("INSERT public.t [b, a] a=1 b=2");
  }

  @Test
  void severalPublicationsWithOddNames() throws SQLException {
    db.run(
        "CREATE TABLE public.a (id int PRIMARY KEY)",
        "CREATE TABLE public.b (id int PRIMARY KEY)",
        "CREATE TABLE public.c (id int PRIMARY KEY)",
        "CREATE PUBLICATION \"A, \"\"b\"\"\" FOR TABLE public.a",
        "CREATE PUBLICATION \"ünï-Cödé\" FOR TABLE public.b",
        "CREATE PUBLICATION other FOR TABLE public.c");
    db.create("A, \"b\"", "ünï-Cödé");
    db.run(
        "INSERT INTO public.a VALUES (1)",
        "INSERT INTO public.b VALUES (2)",
        "INSERT INTO public.c VALUES (3)");

    assertThat(db.lines())
        .containsExactly("INSERT public.a [id] id=1", "INSERT public.b [id] id=2");
  }

  @Test
  void truncateOfSeveralTables() throws SQLException {
    published(
        "CREATE TABLE public.a (id int PRIMARY KEY)",
        "CREATE TABLE public.\"b, c\" (id int PRIMARY KEY REFERENCES public.a)");
    db.run(
        "TRUNCATE public.a, public.\"b, c\"",
        "TRUNCATE public.a CASCADE",
        "TRUNCATE public.\"b, c\" RESTART IDENTITY");

    assertThat(db.lines())
        .containsExactly(
            "TRUNCATE public.a",
            "TRUNCATE public.b, c",
            "TRUNCATE public.a cascade",
            "TRUNCATE public.b, c cascade",
            "TRUNCATE public.b, c restart");
  }

  @Test
  void unchangedToast() throws SQLException {
    published(
        "CREATE TABLE public.t (id int PRIMARY KEY, n int, big text)",
        "ALTER TABLE public.t ALTER big SET STORAGE EXTERNAL",
        "CREATE TABLE public.f (id int PRIMARY KEY, n int, big text)",
        "ALTER TABLE public.f ALTER big SET STORAGE EXTERNAL",
        "ALTER TABLE public.f REPLICA IDENTITY FULL",
        "INSERT INTO public.t VALUES (1, 1, repeat('x', 9000))",
        "INSERT INTO public.f SELECT * FROM public.t");
    db.run(
        "UPDATE public.t SET n = 2",
        "UPDATE public.f SET n = 2",
        "UPDATE public.t SET big = 'unchanged-toast-datum'");

    assertThat(db.lines())
        .containsExactly(
            "UPDATE public.t [id] id=1 n=2 big=~",
            "UPDATE public.f [id] (id=1 n=1 big=" + "x".repeat(9000) + ") id=1 n=2 big=~",
            "UPDATE public.t [id] id=1 n=2 big=unchanged-toast-datum");
  }

  @Test
  void messages() throws SQLException {
    published();
    // The second statement's commit flushes the first, which no commit follows of its own.
    db.run(
        "SELECT pg_logical_emit_message(false, 'préfixe', '')",
        "SELECT pg_logical_emit_message(true, 'in', '\\x000aff'::bytea)");

    List<Transaction> transactions = db.transactions();
    assertThat(transactions.stream().flatMap(t -> t.changes().stream()).map(ChangeLine::of))
        .containsExactly("MESSAGE alone préfixe 0", "MESSAGE in in 3");
    assertThat(transactions.get(0).commit().time()).isNull();
    assertThat(transactions.get(0).commit().xid()).isZero();
    assertThat(transactions.get(1).commit().time()).isNotNull();
    Change.Message message = (Change.Message) transactions.get(1).changes().get(0);
    assertThat(message.content()).containsExactly(0, 10, -1);
  }

  @Test
  void advanceToALoneMessageLosesNotTheCommitBehindIt() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY)");
    db.run("BEGIN", "INSERT INTO public.t VALUES (1)");
    Lsn end = Lsn.parse(db.query("SELECT pg_logical_emit_message(false, 'p', 'x')"));
    db.run("COMMIT");

    List<Transaction> transactions = db.transactions();
    Commit message = transactions.get(0).commit();
    assertThat(message.lsn()).isEqualTo(end);

    db.advance(message.lsn());
    assertThat(db.transactions()).isEqualTo(transactions.subList(1, 2));
    assertThat(db.lines()).containsExactly("INSERT public.t [id] id=1");
  }

  @Test
  void generatedColumns() throws SQLException {
    db.run(
        "CREATE TABLE public.t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED,"
            + " n int GENERATED ALWAYS AS IDENTITY)",
        "CREATE PUBLICATION p FOR TABLE public.t");
    db.create("p");
    db.run("INSERT INTO public.t VALUES (1)");

    assertThat(db.lines()).containsExactly("INSERT public.t [id] id=1 n=1");
  }

  @Test
  void generatedColumnsThatArePublished() throws SQLException {
    Assumptions.assumeTrue(major >= 18, "PostgreSQL 18 has the option");
    db.run(
        "CREATE TABLE public.t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED,"
            + " virtual int GENERATED ALWAYS AS (id * 3) VIRTUAL)",
        "CREATE PUBLICATION p FOR TABLE public.t WITH (publish_generated_columns = stored)");
    db.create("p");
    db.run("INSERT INTO public.t VALUES (1)");

    assertThat(db.lines()).containsExactly("INSERT public.t [id] id=1 twice=2");
  }

  @Test
  void columnTypesAreWhatFormatTypePrints() throws SQLException {
    published(
        "CREATE SCHEMA \"Odd schema\"",
        "CREATE TYPE public.mood AS ENUM ('sad', 'happy, or \"so\"')",
        "CREATE TYPE \"Odd schema\".\"select\" AS ENUM ('a')",
        "CREATE DOMAIN public.posint AS int CHECK (value > 0)",
        "CREATE DOMAIN public.moods AS public.mood[]",
        "CREATE TYPE public.pair AS (a int, b text)",
        "CREATE TYPE public.span AS RANGE (subtype = float8, multirange_type_name = public.spans)",
        "CREATE TABLE public.t (id public.posint PRIMARY KEY, a public.mood, b public.mood[],"
            + " c \"Odd schema\".\"select\", d \"Odd schema\".\"select\"[], e public.moods,"
            + " f public.posint[], g public.pair, h public.pair[], i public.span, j public.spans,"
            + " k public.spans[], l varchar(3), m character(3)[], n \"char\", o bit varying(4),"
            + " p timestamptz(3)[], q numeric(10,2), r interval(2), s time with time zone,"
            + " t regclass, u int4multirange[], v pg_lsn, w double precision, x xml, y name[])");
    db.run(
        "INSERT INTO public.t (id, b, e) VALUES (1, '{sad,NULL}', '{\"happy, or \\\"so\\\"\"}')");

    List<Change> changes = db.transactions().get(0).changes();
    List<Column> decoded =
        Objects.requireNonNull(((Change.RowChange) changes.get(0)).after()).columns();
    assertThat(decoded).isEqualTo(db.columns("public.t"));
    assertThat(ChangeLine.of(changes.get(0)))
        .startsWith(
            "INSERT public.t [id] id=1 a=null b={sad,NULL} c=null d=null"
                + " e={\"happy, or \\\"so\\\"\"} f=null");
  }

  @Test
  void typeMessagesNameWhatTheCatalogDoesNot() throws SQLException {
    published(
        "CREATE TYPE public.mood AS ENUM ('sad')",
        "CREATE DOMAIN public.posint AS int",
        "CREATE TABLE public.t (id public.posint PRIMARY KEY, m public.mood, a public.mood[])");
    db.run("INSERT INTO public.t VALUES (1, 'sad', '{sad}')");

    List<Change> changes = db.transactions(Catalog.EMPTY).get(0).changes();
    assertThat(Objects.requireNonNull(((Change.RowChange) changes.get(0)).after()).columns())
        .containsExactly(
            new Column("id", new Type.Domain("integer", Type.named("integer"))),
            new Column("m", "public.mood"),
            new Column("a", "public.mood[]"));
  }

  @Test
  void builtInTypesAreThoseOfTheServer() throws SQLException {
    try (Statement statement = db.connection().createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT oid::int, format_type(oid, NULL) FROM pg_type"
                    + " WHERE oid < 10000 AND typtype <> 'p'")) {
      int types = 0;
      for (; rows.next(); types++) {
        assertThat(PgOutputBuiltInTypes.name(rows.getInt(1)))
            .as("type %d", rows.getInt(1))
            .isEqualTo(rows.getString(2));
      }
      assertThat(types).isGreaterThan(150);
    }
  }

  @Test
  void originsOfReplicatedTransactions() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY)");
    String origin = "origin_of_" + db.database();
    db.run(
        "SELECT pg_replication_origin_create('" + origin + "')",
        "SELECT pg_replication_origin_session_setup('" + origin + "')",
        "BEGIN",
        "INSERT INTO public.t VALUES (1)",
        "SELECT pg_replication_origin_xact_setup('16/B374D848', '2001-01-01 00:00:00Z')",
        "COMMIT",
        "SELECT pg_replication_origin_session_reset()",
        "SELECT pg_replication_origin_drop('" + origin + "')");

    assertThat(db.rows()).anyMatch(row -> row.bytes()[0] == 'O');
    Transaction transaction = db.transactions().get(0);
    assertThat(transaction.commit().time()).isEqualTo("2001-01-01T00:00:00Z");
    assertThat(db.lines()).containsExactly("INSERT public.t [id] id=1");
  }

  @Test
  void preparedTransactions() throws SQLException {
    published("CREATE TABLE public.t (id int PRIMARY KEY)");
    String gid = "gid_" + db.database();
    db.run(
        "BEGIN",
        "INSERT INTO public.t VALUES (1)",
        "PREPARE TRANSACTION '" + gid + "'",
        "INSERT INTO public.t VALUES (2)",
        "COMMIT PREPARED '" + gid + "'");

    assertThat(db.lines())
        .containsExactly("INSERT public.t [id] id=2", "INSERT public.t [id] id=1");
  }

  @Test
  void databasesInOtherEncodings() throws SQLException {
    String latin = "latin_" + db.database();
    db.run(
        "CREATE DATABASE "
            + latin
            + " TEMPLATE template0 ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'");
    try (DecodedSlot other = new DecodedSlot(db.server(), Plugin.PGOUTPUT, latin)) {
      other.run(
          "CREATE TABLE public.\"tëst\" (id int PRIMARY KEY, \"ñ\" text)",
          "CREATE PUBLICATION p FOR ALL TABLES");
      other.create("p");
      other.run("INSERT INTO public.\"tëst\" VALUES (1, 'Füß')");

      assertThat(other.lines()).containsExactly("INSERT public.tëst [id] id=1 ñ=Füß");
    }
  }
}
