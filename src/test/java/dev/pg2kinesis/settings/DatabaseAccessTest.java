package dev.pg2kinesis.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.aws.Login;
import dev.pg2kinesis.aws.LoginSource;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.SlotException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAccessTest {

  private final List<Database> tried = new ArrayList<>();

  /** A secret whose password is "new" once it was fetched again. */
  private static LoginSource rotated(String fresh) {
    return new LoginSource() {
      private Login login = new Login("cdc", "old", "secret.host", 6432, "shop");

      @Override
      public Login current() {
        return login;
      }

      @Override
      public Login renewed() {
        login = new Login("cdc", fresh, "secret.host", 6432, "shop");
        return login;
      }
    };
  }

  private static Settings.Connection settings(
      @Nullable String host, @Nullable Integer port, @Nullable String database) {
    return new Settings.Connection(
        host, port, database, "ignored", null, "disable", null, null, "id", false);
  }

  private static Database database(DatabaseAccess access) {
    return access.open(to -> to);
  }

  private String connect(Database database, String accepted) {
    tried.add(database);
    if (!accepted.equals(database.password())) {
      throw new SlotException(SlotException.Code.PASSWORD_REJECTED, "no", null);
    }
    return "connected";
  }

  @Test
  void aRejectedPasswordIsFetchedAgainOnce() {
    DatabaseAccess access = new DatabaseAccess(settings(null, null, null), rotated("new"));

    String connected = access.open(database -> connect(database, "new"));

    assertThat(connected).isEqualTo("connected");
    assertThat(tried).extracting(Database::password).containsExactly("old", "new");

    access.open(database -> connect(database, "new"));
    assertThat(tried).extracting(Database::password).containsExactly("old", "new", "new");
  }

  @Test
  void aSecondRejectionIsFinal() {
    DatabaseAccess access = new DatabaseAccess(settings(null, null, null), rotated("newer"));

    assertThatThrownBy(() -> access.open(database -> connect(database, "other")))
        .hasMessageStartingWith("PASSWORD_REJECTED");
    assertThat(tried).hasSize(2);
  }

  @Test
  void theSameLoginIsNotTriedTwice() {
    DatabaseAccess access =
        new DatabaseAccess(settings("h", 1, "d"), LoginSource.fixed("cdc", "old"));

    assertThatThrownBy(() -> access.open(database -> connect(database, "other")))
        .hasMessageStartingWith("PASSWORD_REJECTED");
    assertThat(tried).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = SlotException.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "PASSWORD_REJECTED")
  void otherFailuresFetchNothing(SlotException.Code code) {
    DatabaseAccess access = new DatabaseAccess(settings(null, null, null), rotated("new"));

    assertThatThrownBy(
            () ->
                access.open(
                    database -> {
                      tried.add(database);
                      throw new SlotException(code, "so", null);
                    }))
        .hasMessageStartingWith(code.name());
    assertThat(tried).hasSize(1);
  }

  @Test
  void settingsWinOverTheSecret() {
    assertThat(database(new DatabaseAccess(settings("set.host", 7432, "other"), rotated("new"))))
        .isEqualTo(new Database("set.host", 7432, "other", "cdc", "old", "disable", null, null));
    assertThat(database(new DatabaseAccess(settings(null, null, null), rotated("new"))))
        .isEqualTo(new Database("secret.host", 6432, "shop", "cdc", "old", "disable", null, null));
  }

  @Test
  void whatNeitherHasIsNamed() {
    DatabaseAccess access =
        new DatabaseAccess(settings(null, null, null), LoginSource.fixed("cdc", "pw"));

    assertThatThrownBy(() -> database(access))
        .hasMessageStartingWith("SETTINGS_INVALID")
        .hasMessageContaining("PGHOST is not set, and the secret has no host")
        .hasMessageContaining("PGDATABASE is not set, and the secret has no dbname");
    assertThat(database(new DatabaseAccess(settings("h", null, "d"), LoginSource.fixed("u", "p"))))
        .extracting(Database::port)
        .isEqualTo(5432);
  }

  @ParameterizedTest
  @ValueSource(strings = {"verify-full", "verify-ca"})
  void missingCertificatesAreSaidBeforeConnecting(String mode) {
    Settings.Connection settings =
        new Settings.Connection(
            "h", 1, "d", "u", "p", mode, "/var/task/global-bundle.pem", null, null, false);

    assertThatThrownBy(
            () ->
                new DatabaseAccess(settings, LoginSource.fixed("u", "p"))
                    .open(database -> connect(database, "p")))
        .hasMessageStartingWith("SETTINGS_INVALID")
        .hasMessageContaining("PGSSLROOTCERT names /var/task/global-bundle.pem")
        .hasMessageContaining("scripts/rds-bundle");
    assertThat(tried).isEmpty();
  }

  /** A secret's values are in no message. */
  @Test
  void theHostOfASecretIsCheckedToo() {
    DatabaseAccess access =
        new DatabaseAccess(
            settings(null, null, null),
            new LoginSource() {
              @Override
              public Login current() {
                return new Login("cdc", "old", "s3cret.host:5432", 6432, "shop");
              }

              @Override
              public Login renewed() {
                return current();
              }
            });

    assertThatThrownBy(() -> access.open(to -> to))
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("the secret's host")
        .hasMessageContaining("one host name or address, without port, brackets or blanks")
        .message()
        .doesNotContain("s3cret");
  }
}
