package dev.pg2kinesis.format;

import static dev.pg2kinesis.format.Given.cell;
import static dev.pg2kinesis.format.Given.delete;
import static dev.pg2kinesis.format.Given.insert;
import static dev.pg2kinesis.format.Given.message;
import static dev.pg2kinesis.format.Given.row;
import static dev.pg2kinesis.format.Given.truncate;
import static dev.pg2kinesis.format.Given.update;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.jackson.JsonFormat;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The CloudEvents SDK reads the cloudevents format. It refuses events that break the standard. */
class CloudEventsSdkIT {

  private static final Formatter FORMATTER = Format.CLOUDEVENTS.formatter(Given.TEST_DECODING);

  @Test
  void everyKindOfChangeIsACloudEvent() {
    List<Change> changes =
        List.of(
            insert("public.t", "id", row(cell("id", "integer", "1"), cell("é\"", "text", "😀"))),
            update("public.t", "id", null, row(cell("id", "integer", "1"))),
            delete("public.t", "id", row(cell("id", "integer", "1"))),
            truncate("public.t"),
            message("p", "c"));
    for (Change change : changes) {
      CloudEvent event = read(new CommittedChange(Given.COMMIT, 4, 0, change));
      assertThat(event.getSpecVersion()).isEqualTo(SpecVersion.V1);
      assertThat(event.getId()).startsWith("27016544:5:");
      assertThat(event.getSource()).hasToString("/debezium/postgresql/pg2kinesis");
      assertThat(event.getTime()).isEqualTo(OffsetDateTime.parse("2018-05-04T17:31:44.123Z"));
      assertThat(event.getDataContentType()).isEqualTo("application/json");
      assertThat(event.getExtension("iodebeziumtxid")).isEqualTo("766:27016544");
      assertThat(new String(Objects.requireNonNull(event.getData()).toBytes(), UTF_8))
          .startsWith("{");
    }
  }

  @Test
  void aMessageOutsideATransactionHasNoTime() {
    Change.Message message = new Change.Message(Given.LSN, false, "p", new byte[0]);
    CloudEvent event = read(new CommittedChange(new Commit(0, Given.LSN, null), 0, 0, message));
    assertThat(event.getTime()).isNull();
    assertThat(event.getExtensionNames()).doesNotContain("iodebeziumtxid", "iodebeziumtsms");
  }

  @Test
  void aMarkerSaysItsSize() {
    Payload payload = new Payload(10_000);
    Change large =
        insert("public.t", "id", row(cell("id", "integer", "1"), cell("v", "text", "x")));
    FORMATTER.format(Given.committed(large), 5_000_000_000L, payload);
    CloudEvent event = new JsonFormat().deserialize(payload.toByteArray());
    assertThat(event.getExtension("oversize")).isEqualTo("5000000000");
    assertThat(event.getAttributeNames())
        .isEqualTo(Set.of("specversion", "id", "source", "type", "time", "datacontenttype"));
  }

  private static CloudEvent read(CommittedChange change) {
    Payload payload = new Payload(10_000);
    assertThat(FORMATTER.format(change, payload)).isTrue();
    return new JsonFormat().deserialize(payload.toByteArray());
  }
}
