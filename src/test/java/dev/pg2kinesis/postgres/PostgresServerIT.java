package dev.pg2kinesis.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresServerIT {

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void isReadyForLogicalDecoding(int major) {
    PostgresServer server = PostgresServer.shared(major);
    String database = server.createDatabase();

    assertThat(server.query(database, "SHOW server_version")).startsWith(major + ".");
    assertThat(server.query(database, "SHOW wal_level")).isEqualTo("logical");
    assertThat(server.query(database, "SHOW synchronous_commit")).isEqualTo("on");
  }
}
