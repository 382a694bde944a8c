package dev.pg2kinesis.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pg2kinesis.format.Format;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Settings from the environment and from below a path of Parameter Store. */
class ConfigPathTest {

  private static final Map<String, String> BELOW =
      Map.of(
          "PGHOST", "below.host",
          "PGDATABASE", "shop",
          "PGUSER", "cdc",
          "PGPASSWORD", "hunter2",
          "STREAM_NAME", "changes",
          "FORMAT", "csv");

  private static Map<String, String> environment(String... more) {
    Map<String, String> environment = new HashMap<>(Map.of("CONFIG_PATH", "/pg2kinesis/orders"));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  private static Function<String, Map<String, String>> at(Map<String, String> values) {
    return path -> path.equals("/pg2kinesis/orders") ? values : Map.of();
  }

  @Test
  void readsWhatTheEnvironmentLeavesOut() {
    Settings settings = Settings.from(environment("FORMAT", "", "PGHOST", "  "), at(BELOW));

    assertThat(settings.connection().host()).isEqualTo("below.host");
    assertThat(settings.output().format()).isEqualTo(Format.CSV);
    assertThat(settings.stream()).isEqualTo("changes");
  }

  @Test
  void theEnvironmentWins() {
    Settings settings =
        Settings.from(environment("FORMAT", "csv-payload", "PGHOST", "env.host"), at(BELOW));

    assertThat(settings.connection().host()).isEqualTo("env.host");
    assertThat(settings.output().format()).isEqualTo(Format.CSV_PAYLOAD);
  }

  @Test
  void withoutAPathNothingIsLookedUp() {
    Map<String, String> environment = new HashMap<>(BELOW);
    environment.put("CONFIG_PATH", " ");

    Settings settings =
        Settings.from(
            environment,
            path -> {
              throw new AssertionError("looked up " + path);
            });

    assertThat(settings.stream()).isEqualTo("changes");
  }

  @Test
  void allProblemsOfBothComeAtOnceAndNoSecretWithThem() {
    Map<String, String> below = new HashMap<>(BELOW);
    below.remove("STREAM_NAME");
    below.put("FROMAT", "csv");
    below.put("CONFIG_PATH", "/elsewhere");
    below.put("LANES", "many");

    assertThatThrownBy(() -> Settings.from(environment("ORDERING", "sometimes"), at(below)))
        .hasMessageStartingWith("SETTINGS_INVALID: ")
        .hasMessageContaining("/pg2kinesis/orders/FROMAT is not a setting's name")
        .hasMessageContaining("/pg2kinesis/orders/CONFIG_PATH is not a setting's name")
        .hasMessageContaining("STREAM_NAME")
        .hasMessageContaining("LANES")
        .hasMessageContaining("ORDERING")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void settingsDoNotPrintThePassword() {
    assertThat(Settings.from(environment(), at(BELOW)).toString()).doesNotContain("hunter2");
  }
}
