package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.TEST_DECODING;
import static dev.pg2kinesis.format.Given.WAL2JSON;
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
import dev.pg2kinesis.change.Value;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Pg2KinesisFormattersTest {

  private static final Change PLAIN =
      insert("public.plain", "id", row(cell("id", "integer", "1"), cell("name", "text", "Hello")));

  private static final Change USER_FIRST =
      insert(
          "public.user_first",
          "id",
          row(
              cell("user_id", "integer", "77"),
              cell("id", "integer", "1"),
              cell("v", "text", "v")));

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void csv(String id, Change change, String expected) {
    assertThat(formatted(Format.CSV.formatter(TEST_DECODING), change)).isEqualTo(expected);
  }

  static Stream<Arguments> csv() {
    return Stream.of(
        Arguments.of("insert", PLAIN, "0,CDC,766,public.plain,INSERT,1"),
        Arguments.of(
            "key not first, and ending like another column",
            USER_FIRST,
            "0,CDC,766,public.user_first,INSERT,1"),
        Arguments.of(
            "update of the key: the new one",
            update(
                "public.plain",
                "id",
                row(cell("id", "integer", "1")),
                row(cell("id", "integer", "2"))),
            "0,CDC,766,public.plain,UPDATE,2"),
        Arguments.of(
            "delete with the columns of a replica identity index",
            delete("public.plain", "email", row(cell("email", "text", "a@b.c"))),
            "0,CDC,766,public.plain,DELETE,a@b.c"),
        Arguments.of(
            "composite key in key order",
            insert("public.plain", "b,a", row(cell("a", "integer", "1"), cell("b", "text", "x y"))),
            "0,CDC,766,public.plain,INSERT,x y|1"),
        Arguments.of(
            "names without SQL quotes, fields quoted as RFC 4180 says",
            insert("public.Odd, \"Name\"", "id", row(cell("id", "text", "a\nb"))),
            "0,CDC,766,\"public.Odd, \"\"Name\"\"\",INSERT,\"a\nb\""),
        Arguments.of(
            "numeric keys keep their digits",
            insert("public.n", "id", row(cell("id", "numeric", "12345678901234567890.10"))),
            "0,CDC,766,public.n,INSERT,12345678901234567890.10"),
        Arguments.of("no key", insert("public.log", "", row(cell("id", "integer", "1"))), ""),
        Arguments.of("delete that shows nothing", delete("public.plain", "id", row()), ""),
        Arguments.of("truncate", truncate("public.plain"), ""),
        Arguments.of("message", message("p", "c"), ""));
  }

  @Test
  void csvOfAWal2jsonSlotIsLowerCase() {
    assertThat(formatted(Format.CSV.formatter(WAL2JSON), PLAIN))
        .isEqualTo("0,CDC,766,public.plain,insert,1");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void csvPayload(String id, FormatContext context, Change change, String expected) {
    assertThat(formatted(Format.CSV_PAYLOAD.formatter(context), change)).isEqualTo(expected);
  }

  static Stream<Arguments> csvPayload() {
    return Stream.of(
        Arguments.of(
            "test_decoding",
            TEST_DECODING,
            PLAIN,
            """
            0,CDC,{"xid": "766", "table": "public.plain", "operation": "INSERT", \
            "pkey": "1"}\
            """),
        Arguments.of(
            "wal2json",
            WAL2JSON,
            PLAIN,
            """
            0,CDC,{"xid": 766, "table": "public.plain", "operation": "insert", \
            "pkey": "1"}\
            """),
        Arguments.of(
            "characters as json.dumps writes them",
            TEST_DECODING,
            insert(
                "public.é", "id", row(cell("id", "text", "/\"\\\b\f\n\r\t\u0001\u007f\u2028😀"))),
            """
            0,CDC,{"xid": "766", "table": "public.\\u00e9", "operation": "INSERT", \
            "pkey": "/\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\\u2028\\ud83d\\ude00"}\
            """),
        Arguments.of("truncate", TEST_DECODING, truncate("public.plain"), ""),
        Arguments.of("message", TEST_DECODING, message("p", "c"), ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void fullChange(String id, FormatContext context, Change change, String expected) {
    assertThat(formatted(Format.FULL_CHANGE.formatter(context), change)).isEqualTo(expected);
  }

  static Stream<Arguments> fullChange() {
    return Stream.of(
        Arguments.of(
            "insert",
            WAL2JSON,
            USER_FIRST,
            """
            0,CDC,{"xid": 766, "change": {"kind": "insert", "schema": "public", \
            "table": "user_first", "columnnames": ["user_id", "id", "v"], \
            "columntypes": ["integer", "integer", "text"], \
            "columnvalues": [77, 1, "v"]}}\
            """),
        Arguments.of(
            "update that keeps the key",
            WAL2JSON,
            update(
                "public.t",
                "id",
                null,
                row(
                    cell("v", "text", Value.NULL),
                    cell("id", "bigint", "1"),
                    cell("doc", "text", Value.UNCHANGED))),
            """
            0,CDC,{"xid": 766, "change": {"kind": "update", "schema": "public", \
            "table": "t", "columnnames": ["v", "id"], \
            "columntypes": ["text", "bigint"], "columnvalues": [null, 1], \
            "oldkeys": {"keynames": ["id"], "keytypes": ["bigint"], \
            "keyvalues": [1]}}}\
            """),
        Arguments.of(
            "update of the key",
            WAL2JSON,
            update(
                "public.t",
                "id",
                row(cell("id", "bigint", "1")),
                row(cell("id", "bigint", "2"), cell("ok", "boolean", "t"))),
            """
            0,CDC,{"xid": 766, "change": {"kind": "update", "schema": "public", \
            "table": "t", "columnnames": ["id", "ok"], \
            "columntypes": ["bigint", "boolean"], "columnvalues": [2, true], \
            "oldkeys": {"keynames": ["id"], "keytypes": ["bigint"], \
            "keyvalues": [1]}}}\
            """),
        Arguments.of(
            "delete",
            WAL2JSON,
            delete("public.t", "id", row(cell("id", "uuid", "1-2"))),
            """
            0,CDC,{"xid": 766, "change": {"kind": "delete", "schema": "public", \
            "table": "t", "oldkeys": {"keynames": ["id"], \
            "keytypes": ["uuid"], "keyvalues": ["1-2"]}}}\
            """),
        Arguments.of(
            "no key; numbers keep their digits; bytea without its prefix",
            TEST_DECODING,
            insert(
                "public.log",
                "",
                row(
                    cell("n", "numeric", "1.10"),
                    cell("nan", "numeric", "NaN"),
                    cell("f", "double precision", "1e+100"),
                    cell("b", "bytea", "\\x00ff"))),
            """
            0,CDC,{"xid": "766", "change": {"kind": "INSERT", "schema": "public", \
            "table": "log", "columnnames": ["n", "nan", "f", "b"], \
            "columntypes": ["numeric", "numeric", "double precision", "bytea"], \
            "columnvalues": [1.10, "NaN", 1e+100, "00ff"]}}\
            """),
        Arguments.of(
            "truncate",
            WAL2JSON,
            truncate("public.t"),
            """
            0,CDC,{"xid": 766, "change": {"kind": "truncate", "schema": "public", \
            "table": "t"}}\
            """),
        Arguments.of(
            "message",
            WAL2JSON,
            message("p", "c"),
            """
            0,CDC,{"xid": 766, "change": {"kind": "message", "transactional": true, \
            "prefix": "p", "content": "c"}}\
            """),
        Arguments.of(
            "message that is no text",
            WAL2JSON,
            new Change.Message(Given.LSN, false, "p", new byte[] {(byte) 0xff}),
            """
            0,CDC,{"xid": 766, "change": {"kind": "message", "transactional": false, \
            "prefix": "p", "content_base64": "/w=="}}\
            """));
  }
}
