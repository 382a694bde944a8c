package dev.pg2kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.PostgresServer;
import dev.pg2kinesis.postgres.Wal2Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A wal2json slot, read in both of its formats by the whole function. */
class Wal2JsonIT {

  @Test
  void bothFormatsGiveTheSameRecords() {
    Assumptions.assumeTrue(Wal2Json.isInstalled(), Wal2Json::missing);
    try (PostgresServer server = PostgresServer.start(15, Wal2Json.settings());
        FakeKinesis kinesis = FakeKinesis.start()) {
      LocalDeployment deployment =
          LocalDeployment.on(server, kinesis, 1).withSlot("wal2json").with("FORMAT", "csv-payload");
      deployment.sql(
          "CREATE TABLE t (a int, b text, c numeric, PRIMARY KEY (a, b))",
          "INSERT INTO t VALUES (1, 'x y', 1.10)",
          "UPDATE t SET c = 2",
          "DELETE FROM t");

      List<String> second = peek(deployment);
      List<String> first = peek(deployment.with("WAL2JSON_FORMAT_VERSION", "1"));

      String xid = second.get(0).replaceAll(".*\"xid\": (\\d+),.*", "$1");
      assertThat(second)
          .hasSize(3)
          .first()
          .isEqualTo(
              "0,CDC,{\"xid\": "
                  + xid
                  + ", \"table\": \"public.t\", \"operation\": \"insert\", \"pkey\": \"1|x y\"}");
      assertThat(first).isEqualTo(second);
      assertThat(deployment.invoke("{}").path("records").asInt()).isEqualTo(3);
      assertThat(deployment.newPayloads()).isEqualTo(second);
    }
  }

  private static List<String> peek(LocalDeployment deployment) {
    List<String> shown = new ArrayList<>();
    for (JsonNode r : deployment.invoke("{\"action\":\"peek\"}").path("records")) {
      shown.add(r.path("data").asText());
    }
    return shown;
  }
}
