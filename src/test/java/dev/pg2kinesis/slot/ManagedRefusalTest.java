package dev.pg2kinesis.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The words in which RDS, Aurora and RDS Proxy refuse, as public issues quote them: PeerDB 4652
 * (Aurora reader) and 3610 (Multi-AZ cluster reader), pghero 168 (Aurora function), SimplySql 66
 * and psycopg2 1577 (options), aws-secretsmanager-jdbc 222 (credentials),
 * aws-secrets-manager-rotation- lambdas 103 (TLS), posthog 64084 (password). The issues do not name
 * all SQLSTATEs.
 */
class ManagedRefusalTest {

  private static final Database DATABASE =
      new Database("nosuch.example", 5432, "d", "u", null, "disable", null, null);

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ERROR: replication slots cannot be used on RO (Read Only) node | 55000 | SERVER_IN_RECOVERY | at the writer
          ERROR: Creating logical replication slot pg2kinesis is not supported on the Multi-AZ DB cluster reader node. Create the replication slot from the writer node instead. | XX000 | SERVER_IN_RECOVERY | at the writer
          ERROR: Function pg_last_wal_replay_lsn() is currently not supported for Aurora | 0A000 | SERVER_IN_RECOVERY | at the writer
          FATAL: Feature not supported: RDS Proxy currently doesn’t support command-line options. | 0A000 | CONNECTION_FAILED | at the database itself
          FATAL: Feature not supported: RDS Proxy currently doesn’t support the option ssl_renegotiation_limit. | 0A000 | CONNECTION_FAILED | at the database itself
          FATAL: This RDS proxy has no credentials for the role relay. Check the credentials for this role and try again. | 28000 | CONNECTION_FAILED | at the database itself
          FATAL: This RDS Proxy requires TLS connections | 08004 | CONNECTION_FAILED | at the database itself
          FATAL: The password that was provided for the role relay is wrong. | 28000 | PASSWORD_REJECTED | at the database itself
          """)
  void saysWhatToDo(String text, String state, String code, String advice) {
    SQLException e = new SQLException(text, state);
    for (SlotException failure :
        new SlotException[] {
          SqlFailure.of(e, "reading the slot"), ConnectionFailure.of(e, DATABASE)
        }) {
      assertThat(failure.code().name()).isEqualTo(code);
      assertThat(failure).hasMessageContaining("PGHOST " + advice);
    }
  }

  /** What PostgreSQL says under the same SQLSTATEs stays what it is. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ERROR: recovery is in progress | 55000
          ERROR: unexpected table_index_fetch_tuple call during logical decoding | XX000
          ERROR: logical decoding output plugin "pgoutput" produces binary output | 0A000
          """)
  void leavesOthersAlone(String text, String state) {
    assertThat(SqlFailure.of(new SQLException(text, state), "reading the slot").code())
        .isEqualTo(SlotException.Code.DATABASE_FAILED);
  }
}
