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
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PgKinesisFormatterTest {

  private static final String START = "{\"time\":\"2018-05-04T17:31:44Z\",\"lsn\":\"0/19C3CB0\",";

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void lines(String id, Change change, String expected) {
    assertThat(formatted(Format.PG_KINESIS.formatter(TEST_DECODING), change))
        .isEqualTo(expected.isEmpty() ? "" : START + expected);
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        Arguments.of(
            "insert",
            insert(
                "public.plain",
                "id",
                row(cell("id", "integer", "1"), cell("name", "text", "Hello"))),
            """
            "table":"public.plain","operation":"INSERT","columns":{\
            "id":{"new":{"q":"false","t":"integer","v":"1"}},\
            "name":{"new":{"q":"true","t":"text","v":"Hello"}}}}\
            """),
        Arguments.of(
            "update under REPLICA IDENTITY FULL",
            update(
                "public.ri_full",
                "id",
                row(cell("id", "integer", "1"), cell("a", "text", "a"), cell("b", "text", "b")),
                row(cell("id", "integer", "1"), cell("a", "text", "a"), cell("b", "text", "c"))),
            """
            "table":"public.ri_full","operation":"UPDATE","columns":{\
            "a":{"new":{"q":"true","t":"text","v":"a"}},\
            "b":{"new":{"q":"true","t":"text","v":"c"},\
            "old":{"q":"true","t":"text","v":"b"}},\
            "id":{"new":{"q":"false","t":"integer","v":"1"}}}}\
            """),
        Arguments.of(
            "delete; an old key has no NULLs",
            delete(
                "public.ri_full",
                "id",
                row(
                    cell("id", "integer", "1"),
                    cell("a", "text", "a"),
                    cell("b", "text", Value.NULL))),
            """
            "table":"public.ri_full","operation":"DELETE","columns":{\
            "a":{"old":{"q":"true","t":"text","v":"a"}},\
            "id":{"old":{"q":"false","t":"integer","v":"1"}}}}\
            """),
        Arguments.of(
            "NULL and unchanged TOAST are not the texts that look like them",
            update(
                "public.t",
                "id",
                null,
                row(
                    cell("a", "text", Value.NULL),
                    cell("b", "text", "null"),
                    cell("c", "text", Value.UNCHANGED),
                    cell("d", "text", "unchanged-toast-datum"))),
            """
            "table":"public.t","operation":"UPDATE","columns":{\
            "a":{"new":{"q":"false","t":"text","v":"null"}},\
            "b":{"new":{"q":"true","t":"text","v":"null"}},\
            "c":{"new":{"q":"false","t":"text","v":"unchanged-toast-datum"}},\
            "d":{"new":{"q":"true","t":"text",\
            "v":"unchanged-toast-datum"}}}}\
            """),
        Arguments.of(
            "what is quoted",
            insert(
                "public.t",
                "",
                row(
                    cell("a", "boolean", "t"),
                    cell("b", "bit varying", "101"),
                    cell("c", "real", "NaN"),
                    cell("d", "timestamp without time zone", "2018-05-04 17:31:44"),
                    cell("e", "public.mood", "sad"))),
            """
            "table":"public.t","operation":"INSERT","columns":{\
            "a":{"new":{"q":"false","t":"boolean","v":"true"}},\
            "b":{"new":{"q":"true","t":"bit varying","v":"101"}},\
            "c":{"new":{"q":"false","t":"real","v":"NaN"}},\
            "d":{"new":{"q":"true","t":"timestamp without time zone",\
            "v":"2018-05-04 17:31:44"}},\
            "e":{"new":{"q":"true","t":"public.mood","v":"sad"}}}}\
            """),
        Arguments.of(
            "characters as encoding/json writes them; columns in the order of their bytes",
            insert(
                "public.t",
                "",
                row(
                    cell("😀", "text", ""),
                    cell("\uffee", "text", "<>&/\"\\\b\f\n\r\t\u0001\u007f\u2028\u2029é😀"),
                    cell("B", "text", ""))),
            """
            "table":"public.t","operation":"INSERT","columns":{\
            "B":{"new":{"q":"true","t":"text","v":""}},\
            "\uffee":{"new":{"q":"true","t":"text","v":"\
            \\u003c\\u003e\\u0026/\\"\\\\\\u0008\\u000c\\n\\r\\t\\u0001\u007f\
            \\u2028\\u2029é😀"}},\
            "😀":{"new":{"q":"true","t":"text","v":""}}}}\
            """),
        Arguments.of(
            "truncate",
            truncate("public.a"),
            "\"table\":\"public.a\",\"operation\":\"TRUNCATE\",\"columns\":{}}"),
        Arguments.of("message", message("p", "c"), ""));
  }
}
