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
import dev.pg2kinesis.change.Commit;
import dev.pg2kinesis.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CloudEventsFormatterTest {

  private static final String ATTRIBUTES =
      """
      "iodebeziumversion":"1.0.0","iodebeziumconnector":"postgresql",\
      "iodebeziumname":"pg2kinesis","iodebeziumtsms":"1525455104123","iodebeziumsnapshot":"false",\
      "iodebeziumdb":"shop","iodebeziumsequence":"[\\"27016544\\",\\"27016368\\"]",\
      "iodebeziumtsus":"1525455104123456","iodebeziumtsns":"1525455104123456000",\
      """;

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void events(String id, Change change, String operation, String table, String data) {
    assertThat(formatted(Format.CLOUDEVENTS.formatter(TEST_DECODING), change))
        .isEqualTo(
            "{\"id\":\"27016544:1:"
                + operation
                + "\",\"source\":\"/debezium/postgresql/pg2kinesis\",\"specversion\":\"1.0\","
                + "\"type\":\"io.debezium.connector.postgresql.DataChangeEvent\","
                + "\"time\":\"2018-05-04T17:31:44.123Z\",\"datacontenttype\":\"application/json\","
                + "\"iodebeziumop\":\""
                + operation
                + "\","
                + ATTRIBUTES
                + table
                + "\"iodebeziumlsn\":\"27016368\",\"iodebeziumtxid\":\"766:27016544\","
                + "\"iodebeziumtxtotalorder\":\"1\",\"iodebeziumtxdatacollectionorder\":\"1\","
                + "\"data\":"
                + data
                + "}");
  }

  static Stream<Arguments> events() {
    String table = "\"iodebeziumschema\":\"public\",\"iodebeziumtable\":\"t\",";
    return Stream.of(
        Arguments.of(
            "insert",
            insert("public.t", "id", row(cell("id", "integer", "1"), cell("v", "text", "x"))),
            "c",
            table,
            "{\"before\":null,\"after\":{\"id\":1,\"v\":\"x\"}}"),
        Arguments.of(
            "update",
            update(
                "public.t",
                "id",
                row(cell("id", "integer", "1"), cell("v", "text", "long")),
                row(cell("id", "integer", "1"), cell("v", "text", Value.UNCHANGED))),
            "u",
            table,
            "{\"before\":{\"id\":1,\"v\":\"long\"},\"after\":{\"id\":1,\"v\":\"long\"}}"),
        Arguments.of(
            "delete",
            delete("public.t", "id", row(cell("id", "integer", "1"))),
            "d",
            table,
            "{\"before\":{\"id\":1},\"after\":null}"),
        Arguments.of(
            "truncate", truncate("public.t"), "t", table, "{\"before\":null,\"after\":null}"),
        Arguments.of(
            "message",
            message("p", "content"),
            "m",
            "",
            "{\"message\":{\"prefix\":\"p\",\"content\":\"Y29udGVudA==\"}}"));
  }

  /** It has no transaction, and no time that would be the same in each replay. */
  @Test
  void messageOutsideATransaction() {
    Payload payload = new Payload(1000);
    Format.CLOUDEVENTS
        .formatter(TEST_DECODING)
        .format(
            new CommittedChange(
                new Commit(0, Given.LSN, null),
                0,
                0,
                new Change.Message(Given.LSN, false, "p", new byte[0])),
            payload);
    assertThat(new String(payload.toByteArray(), StandardCharsets.UTF_8))
        .startsWith("{\"id\":\"27016368:1:m\",")
        .doesNotContain("\"time\"", "iodebeziumts", "iodebeziumtx", "null");
  }

  @Test
  void rowsThatWereReadDifferInTheirIds() {
    RecordMaker records =
        new RecordMaker(
            new RecordMaker.Plan(
                Format.CLOUDEVENTS.formatter(TEST_DECODING),
                PartitionKey.TABLE,
                ChangeFilter.ALL,
                Oversize.FAIL,
                1000,
                "slot"));
    StreamRecord read =
        Objects.requireNonNull(
            records.read(Given.COMMIT, insert("public.t", "id", row(cell("id", "integer", "7")))));
    assertThat(new String(read.payload(), StandardCharsets.UTF_8))
        .startsWith("{\"id\":\"27016544:0:r:public.t|7\",")
        .contains("\"iodebeziumop\":\"r\"", "\"iodebeziumsnapshot\":\"incremental\"");
  }
}
