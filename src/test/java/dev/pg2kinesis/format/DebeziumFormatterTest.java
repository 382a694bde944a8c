package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.formatted;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Change.Message;
import dev.pg2kinesis.change.Column;
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.change.Type;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DebeziumFormatterTest {

  private static final String SOURCE_START =
      """
      "source":{"version":"1.0.0","connector":"postgresql","name":"pg2kinesis",\
      "ts_ms":1525455104123,"ts_us":1525455104123456,"ts_ns":1525455104123456000,\
      "snapshot":"false","db":"shop","sequence":"[\\"27016544\\",\\"27016368\\"]",\
      """;

  private static final String SOURCE_END = ",\"txId\":766,\"lsn\":27016368,\"xmin\":null},";

  private static final String TAIL =
      """
      ,"ts_ms":1525455104123,"transaction":{"id":"766:27016544","total_order":1,\
      "data_collection_order":1}}\
      """;

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void events(String id, Change change, String images, String table, String operation) {
    assertThat(formatted(Format.DEBEZIUM.formatter(TEST_DECODING), change))
        .isEqualTo(
            "{"
                + images
                + ","
                + SOURCE_START
                + table
                + SOURCE_END
                + "\"op\":\""
                + operation
                + "\""
                + TAIL);
  }

  static Stream<Arguments> events() {
    String table = "\"schema\":\"public\",\"table\":\"t\"";
    return Stream.of(
        Arguments.of(
            "insert",
            insert("public.t", "id", row(cell("id", "integer", "1"), cell("v", "text", "x"))),
            "\"before\":null,\"after\":{\"id\":1,\"v\":\"x\"}",
            table,
            "c"),
        Arguments.of(
            "insert into a table without columns",
            insert("public.t", "", row()),
            "\"before\":null,\"after\":{}",
            table,
            "c"),
        Arguments.of(
            "update that keeps the key",
            update(
                "public.t",
                "id",
                null,
                row(
                    cell("id", "integer", "1"),
                    cell("v", "text", Value.NULL),
                    cell("doc", "text", Value.UNCHANGED))),
            """
            "before":null,"after":{"id":1,"v":null,\
            "doc":"__debezium_unavailable_value"}\
            """,
            table,
            "u"),
        Arguments.of(
            "update under REPLICA IDENTITY FULL: the old row has what the new one leaves out",
            update(
                "public.t",
                "id",
                row(cell("id", "integer", "1"), cell("doc", "text", "long")),
                row(cell("id", "integer", "1"), cell("doc", "text", Value.UNCHANGED))),
            "\"before\":{\"id\":1,\"doc\":\"long\"},\"after\":{\"id\":1,\"doc\":\"long\"}",
            table,
            "u"),
        Arguments.of(
            "delete",
            delete("public.t", "id", row(cell("id", "integer", "1"))),
            "\"before\":{\"id\":1},\"after\":null",
            table,
            "d"),
        Arguments.of(
            "delete without a replica identity",
            delete("public.t", "", row()),
            "\"before\":null,\"after\":null",
            table,
            "d"),
        Arguments.of(
            "truncate", truncate("public.t"), "\"before\":null,\"after\":null", table, "t"),
        Arguments.of(
            "message",
            message("p", "content"),
            "\"message\":{\"prefix\":\"p\",\"content\":\"Y29udGVudA==\"}",
            "\"schema\":\"\",\"table\":\"\"",
            "m"));
  }

  /** Such a message has no transaction, and no time that would be the same in each replay. */
  @Test
  void messageOutsideATransaction() {
    Commit commit = new Commit(0, Lsn.parse("FFFFFFFF/FFFFFFFF"), null);
    Message message = new Message(Lsn.parse("FFFFFFFF/FFFFFFFE"), false, "p", new byte[0]);
    Payload payload = new Payload(1000);
    Format.DEBEZIUM
        .formatter(TEST_DECODING)
        .format(new CommittedChange(commit, 0, 0, message), payload);
    assertThat(new String(payload.toByteArray(), StandardCharsets.UTF_8))
        .contains("\"ts_ms\":null,\"ts_us\":null,\"ts_ns\":null,")
        .contains("\"sequence\":\"[\\\"18446744073709551615\\\",\\\"18446744073709551614\\\"]\"")
        .contains("\"lsn\":18446744073709551614,")
        .endsWith("\"op\":\"m\",\"ts_ms\":null,\"transaction\":null}");
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource
  void values(String type, String text, String expected) {
    String event =
        formatted(
            Format.DEBEZIUM.formatter(TEST_DECODING),
            insert("public.t", "", row(cell("v", type, text))));
    assertThat(event).startsWith("{\"before\":null,\"after\":{\"v\":" + expected + "},");
  }

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of("smallint", "-32768", "-32768"),
        Arguments.of("bigint", "9223372036854775807", "9223372036854775807"),
        Arguments.of("oid", "4294967295", "4294967295"),
        Arguments.of("real", "1.1", "1.1"),
        Arguments.of("double precision", "1e+100", "1e+100"),
        Arguments.of("double precision", "-0", "-0.0"),
        Arguments.of("double precision", "17", "17.0"),
        Arguments.of("double precision", "NaN", "\"NaN\""),
        Arguments.of("double precision", "-Infinity", "\"-Infinity\""),
        Arguments.of("numeric", "12345678901234567890.10", "\"12345678901234567890.10\""),
        Arguments.of("numeric", "NaN", "\"NAN\""),
        Arguments.of("numeric", "-Infinity", "\"NEGATIVE_INFINITY\""),
        Arguments.of("money", "-$1,234.56", "\"-1234.56\""),
        Arguments.of("money", "1.234,56 €", "\"1.234,56 €\""),
        Arguments.of("boolean", "t", "true"),
        Arguments.of("boolean", "f", "false"),
        Arguments.of("bytea", "\\x00ff10", "\"AP8Q\""),
        Arguments.of("bytea", "\\x", "\"\""),
        Arguments.of("bit", "1", "true"),
        Arguments.of("bit", "0000000101", "\"BQ==\""),
        Arguments.of("bit varying", "100000001", "\"AQE=\""),
        Arguments.of("bit varying", "000", "\"\""),
        Arguments.of("date", "2024-02-29", "\"2024-02-29Z\""),
        Arguments.of("date", "0044-03-15 BC", "\"-0043-03-15Z\""),
        Arguments.of("date", "0001-12-31 BC", "\"0000-12-31Z\""),
        Arguments.of("date", "10000-01-01", "\"+10000-01-01Z\""),
        Arguments.of("date", "infinity", "\"infinity\""),
        Arguments.of("time without time zone", "12:30:00.5", "\"12:30:00.5Z\""),
        Arguments.of("time without time zone", "24:00:00", "\"24:00:00Z\""),
        Arguments.of("time with time zone", "12:30:00.5+02", "\"10:30:00.5Z\""),
        Arguments.of("time with time zone", "23:30:00-05:30", "\"05:00:00Z\""),
        Arguments.of("time with time zone", "00:00:00+15:59:59", "\"08:00:01Z\""),
        Arguments.of("time with time zone", "12:30:00+00", "\"12:30:00Z\""),
        Arguments.of(
            "timestamp without time zone", "2024-02-29 12:30:00", "\"2024-02-29T12:30:00Z\""),
        Arguments.of(
            "timestamp without time zone",
            "0044-03-15 12:30:00.25 BC",
            "\"-0043-03-15T12:30:00.25Z\""),
        Arguments.of("timestamp without time zone", "-infinity", "\"-infinity\""),
        Arguments.of(
            "timestamp with time zone",
            "2024-02-29 12:30:00.5+00",
            "\"2024-02-29T12:30:00.500000Z\""),
        Arguments.of(
            "timestamp with time zone",
            "0044-03-15 12:30:00+00 BC",
            "\"-0043-03-15T12:30:00.000000Z\""),
        Arguments.of("timestamp with time zone", "infinity", "\"infinity\""),
        Arguments.of("interval", "1 year 2 mons -3 days +04:05:06.789", "\"P1Y2M-3DT4H5M6.789S\""),
        Arguments.of("interval", "-00:00:00.000001", "\"P0Y0M0DT0H0M-0.000001S\""),
        Arguments.of("interval", "00:00:00", "\"P0Y0M0DT0H0M0S\""),
        Arguments.of("interval", "infinity", "\"infinity\""),
        Arguments.of("json", "{\"a\": 1}", "\"{\\\"a\\\": 1}\""),
        Arguments.of("uuid", "1-2", "\"1-2\""),
        Arguments.of("int4range", "[1,2)", "\"[1,2)\""),
        Arguments.of("public.mood", "sad", "\"sad\""),
        Arguments.of(
            "point",
            "(1.5,-2)",
            "{\"x\":1.5,\"y\":-2.0,\"wkb\":\"AQEAAAAAAAAAAAD4PwAAAAAAAADA\",\"srid\":null}"),
        Arguments.of(
            "point",
            "(NaN,Infinity)",
            "{\"x\":\"NaN\",\"y\":\"Infinity\",\"wkb\":\"AQEAAAAAAAAAAAD4fwAAAAAAAPB/\",\"srid\":null}"),
        Arguments.of(
            "public.hstore",
            "\"a\"=>\"1\", \"q\\\"\"=>NULL",
            "\"{\\\"a\\\":\\\"1\\\",\\\"q\\\\\\\"\\\":null}\""),
        Arguments.of(
            "public.geometry",
            "0101000020E6100000000000000000F03F0000000000000040",
            "{\"wkb\":\"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==\",\"srid\":4326}"),
        Arguments.of(
            "gis.geography",
            "0101000000000000000000F03F0000000000000040",
            "{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null}"),
        Arguments.of("public.geometry", "00200000010000", "\"00200000010000\""),
        Arguments.of("public.geometry", "POINT(1 2)", "\"POINT(1 2)\""),
        Arguments.of(
            "public.geometry[]",
            "{0101000000000000000000F03F0000000000000040,NULL}",
            "[{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null},null]"),
        Arguments.of("public.vector", "[1,2.5,-3e-05]", "[1.0,2.5,-3e-05]"),
        Arguments.of("public.halfvec", "[1]", "[1.0]"),
        Arguments.of("public.vector", "[]", "\"[]\""),
        Arguments.of("public.vector[]", "{\"[1,2]\"}", "[[1.0,2.0]]"),
        Arguments.of(
            "public.sparsevec", "{1:1.5,3:2}/5", "{\"dimensions\":5,\"vector\":[[1,1.5],[3,2.0]]}"),
        Arguments.of("public.sparsevec", "{}/5", "{\"dimensions\":5,\"vector\":[]}"),
        Arguments.of("public.sparsevec", "{1:}/5", "\"{1:}/5\""),
        Arguments.of("integer[]", "{1,NULL,3}", "[1,null,3]"),
        Arguments.of("integer[]", "[0:1]={1,2}", "[1,2]"),
        Arguments.of("integer[]", "{{1,2},{3,4}}", "[[1,2],[3,4]]"),
        Arguments.of("integer[]", "{}", "[]"),
        Arguments.of(
            "text[]", "{a,\"b,\\\"c\\\"\",\"NULL\",\"\"}", "[\"a\",\"b,\\\"c\\\"\",\"NULL\",\"\"]"),
        Arguments.of("bytea[]", "{\"\\\\x00ff\"}", "[\"AP8=\"]"),
        Arguments.of("boolean[]", "{t,f}", "[true,false]"),
        Arguments.of("box[]", "{(1,1),(0,0);(3,3),(2,2)}", "[\"(1,1),(0,0)\",\"(3,3),(2,2)\"]"));
  }

  /** What a type is decides, not its name. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource
  void valuesOfUserTypes(Type type, String text, String expected) {
    String event =
        formatted(
            Format.DEBEZIUM.formatter(TEST_DECODING),
            insert("public.t", "", row(new Given.Cell(new Column("v", type), Value.of(text)))));
    assertThat(event).startsWith("{\"before\":null,\"after\":{\"v\":" + expected + "},");
  }

  static Stream<Arguments> valuesOfUserTypes() {
    Type posint = new Type.Domain("public.posint", Type.named("integer"));
    Type boxdom = new Type.Domain("public.boxdom", Type.named("box"));
    Type posints = new Type.Domain("public.posints", Type.Array.of(posint));
    Type colons = new Type.Scalar("public.geometry", Type.Kind.BASE, ':');
    return Stream.of(
        Arguments.of(posint, "3", "3"),
        Arguments.of(new Type.Domain("public.small", posint), "3", "3"),
        Arguments.of(Type.Array.of(posint), "{1,NULL}", "[1,null]"),
        Arguments.of(posints, "{1,2}", "[1,2]"),
        Arguments.of(Type.Array.of(posints), "{\"{1,2}\"}", "[[1,2]]"),
        Arguments.of(new Type.Domain("public.flag", Type.named("boolean")), "t", "true"),
        Arguments.of(boxdom, "(1,1),(0,0)", "\"(1,1),(0,0)\""),
        Arguments.of(
            Type.Array.of(boxdom),
            "{(1,1),(0,0);(3,3),(2,2)}",
            "[\"(1,1),(0,0)\",\"(3,3),(2,2)\"]"),
        Arguments.of(Type.Array.of(colons), "{01,02:03}", "[\"01,02\",\"03\"]"),
        Arguments.of(new Type.Scalar("public.hstore", Type.Kind.BASE, ','), "", "\"{}\""),
        Arguments.of(new Type.Scalar("public.hstore", Type.Kind.ENUM, ','), "", "\"\""));
  }
}
