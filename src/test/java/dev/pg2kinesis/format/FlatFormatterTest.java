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
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FlatFormatterTest {

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void records(String id, Change change, String expected) {
    assertThat(formatted(Format.FLAT.formatter(TEST_DECODING), change)).isEqualTo(expected);
  }

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of(
            "insert, with values as in debezium",
            insert(
                "public.t",
                "id",
                row(
                    cell("id", "integer", "1"),
                    cell("n", "numeric", "1.10"),
                    cell("v", "text", Value.NULL))),
            """
            {"id":1,"n":"1.10","v":null,"__deleted":"false","__op":"c","__table":"t",\
            "__lsn":27016368,"__source_ts_ms":1525455104123}\
            """),
        Arguments.of(
            "update; unchanged TOAST from the old row, or its placeholder",
            update(
                "public.t",
                "id",
                row(cell("id", "integer", "1"), cell("a", "text", "old")),
                row(
                    cell("id", "integer", "1"),
                    cell("a", "text", Value.UNCHANGED),
                    cell("b", "text", Value.UNCHANGED))),
            """
            {"id":1,"a":"old","b":"__debezium_unavailable_value","__deleted":"false","__op":"u",\
            "__table":"t","__lsn":27016368,"__source_ts_ms":1525455104123}\
            """),
        Arguments.of(
            "delete: the old row",
            delete("public.t", "id", row(cell("id", "integer", "1"))),
            """
            {"id":1,"__deleted":"true","__op":"d","__table":"t","__lsn":27016368,\
            "__source_ts_ms":1525455104123}\
            """),
        Arguments.of(
            "delete of which the WAL holds no row",
            delete("public.t", "", row()),
            """
            {"__deleted":"true","__op":"d","__table":"t","__lsn":27016368,\
            "__source_ts_ms":1525455104123}\
            """),
        Arguments.of(
            "columns keep names that the metadata has too",
            insert(
                "public.t",
                "",
                row(cell("__op", "text", "mine"), cell("__lsn", "text", Value.NULL))),
            """
            {"__op":"mine","__lsn":null,"__deleted":"false","__table":"t",\
            "__source_ts_ms":1525455104123}\
            """),
        Arguments.of("truncate", truncate("public.t"), ""),
        Arguments.of("message", message("p", "c"), ""));
  }

  @Test
  void markerHasTheKeyAndTheSize() {
    Payload payload = new Payload(1000);
    Format.FLAT
        .formatter(TEST_DECODING)
        .format(
            Given.committed(
                insert("public.t", "id", row(cell("id", "integer", "1"), cell("v", "text", "x")))),
            5000L,
            payload);
    assertThat(new String(payload.toByteArray(), StandardCharsets.UTF_8))
        .startsWith("{\"id\":1,\"__deleted\":")
        .endsWith(",\"__oversize\":5000}");
  }
}
