package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.command.Command;
import dev.pg2kinesis.command.CommandReader;
import dev.pg2kinesis.lambda.StackOptions;
import dev.pg2kinesis.settings.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;

/** That the stack and the code are about the same settings, events and metrics. */
class TemplateTest {

  private static final String TEMPLATE = read("template.yaml");

  /** Not for a stack, where everybody who may look at the function would see it. */
  private static final Set<String> LOCAL_ONLY = Set.of("PGPASSWORD");

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The lines below a key, without their indentation, down to the next key of its level. */
  private static List<String> below(String key) {
    int indentation = key.length() - key.stripLeading().length() + 2;
    return Arrays.stream(TEMPLATE.split("\n", -1))
        .dropWhile(line -> !line.equals(key + ":"))
        .skip(1)
        .takeWhile(line -> line.isBlank() || line.startsWith(" ".repeat(indentation)))
        .filter(line -> !line.isBlank())
        .map(line -> line.substring(indentation))
        .toList();
  }

  private static Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>();
    for (String line : below("        Variables")) {
      Matcher variable = Pattern.compile("(\\w+):(.*)").matcher(line);
      if (variable.matches()) {
        variables.put(variable.group(1), variable.group(2).strip());
      }
    }
    return variables;
  }

  @Test
  void setsEveryVariableAndNoOther() {
    Set<String> expected = new TreeSet<>(Settings.NAMES);
    expected.removeAll(LOCAL_ONLY);
    expected.add("JAVA_TOOL_OPTIONS"); // read by the Java runtime itself

    assertThat(variables().keySet()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void whatIsLeftEmptyIsLeftToTheDefaults() {
    Map<String, String> environment = new HashMap<>();
    variables().keySet().forEach(name -> environment.put(name, ""));
    environment.put("PGHOST", "db.example");
    environment.put("PGDATABASE", "shop");
    environment.put("PGUSER", "cdc");
    environment.put("STREAM_NAME", "changes");
    environment.put("DB_IAM_AUTH", "true");

    Settings settings = Settings.from(environment);

    assertThat(settings)
        .isEqualTo(
            Settings.from(
                Map.of(
                    "PGHOST", "db.example",
                    "PGDATABASE", "shop",
                    "PGUSER", "cdc",
                    "STREAM_NAME", "changes",
                    "DB_IAM_AUTH", "true")));
  }

  @ParameterizedTest
  @CsvSource({
    "Format,          FORMAT,        dev.pg2kinesis.format.Format",
    "PartitionKey,    PARTITION_KEY, dev.pg2kinesis.format.PartitionKey",
    "Packing,         PACKING,       dev.pg2kinesis.publish.Packing",
    "Ordering,        ORDERING,      dev.pg2kinesis.publish.Ordering",
    "Oversize,        OVERSIZE,      dev.pg2kinesis.format.Oversize",
    "OutboxFormat,    OUTBOX_FORMAT, dev.pg2kinesis.format.OutboxFormat",
  })
  void offersTheChoicesThereAre(String parameter, String variable, Class<?> type) {
    String allowed =
        below("  " + parameter).stream()
            .filter(line -> line.startsWith("AllowedValues: "))
            .findFirst()
            .orElseThrow();
    List<String> choices =
        Arrays.stream(allowed.substring(allowed.indexOf('[') + 1, allowed.indexOf(']')).split(","))
            .map(String::strip)
            .filter(choice -> !choice.equals("\"\""))
            .toList();

    assertThat(choices).hasSize(type.getEnumConstants().length).doesNotHaveDuplicates();
    for (String choice : choices) {
      Settings.from(
          Map.of(
              "PGHOST",
              "h",
              "PGDATABASE",
              "d",
              "PGUSER",
              "u",
              "STREAM_NAME",
              "s",
              variable,
              choice));
    }
  }

  /** Over TLS the first tier, which Lambda chooses by itself, takes four times the processor. */
  @Test
  void theUpperCompilerTierIsTheDefault() throws Exception {
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+PrintFlagsFinal",
            "-version");
    java.environment().put("JAVA_TOOL_OPTIONS", String.join(" ", StackOptions.read()));
    Process process = java.redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(printed).isZero();
    assertThat(StackOptions.read()).contains("-XX:TieredStopAtLevel=4");
    assertThat(printed)
        .containsPattern("TieredStopAtLevel += 4 .*environment")
        .containsPattern("CompileThresholdScaling += 3.0+ .*environment")
        .doesNotContain("warning:", "CompileCommand:");
  }

  @Test
  void whatIsCompiledEarlyOrLateExists() throws IOException {
    List<String> patterns =
        StackOptions.read().stream()
            .filter(option -> option.startsWith("-XX:CompileCommand=CompileThresholdScaling,"))
            .map(option -> option.split(",", -1)[1].replace("::*", "").replace('.', '/'))
            .toList();
    assertThat(patterns).isNotEmpty();
    try (Stream<Path> files = Files.walk(Path.of(URI.create("jrt:/java.base")))) {
      List<String> classes =
          files
              .map(file -> file.toString().replaceFirst("^/(modules/)?java.base/", ""))
              .filter(file -> file.endsWith(".class"))
              .toList();
      for (String pattern : patterns) {
        String prefix = pattern.endsWith("*") ? pattern.replace("*", "") : pattern + ".class";
        assertThat(classes.stream().anyMatch(name -> name.startsWith(prefix)) || isDeployed(prefix))
            .as(pattern)
            .isTrue();
      }
    }
  }

  private static boolean isDeployed(String classFile) {
    return Driver.class.getClassLoader().getResource(classFile) != null;
  }

  @Test
  void theScheduleSendsAPoll() {
    String input =
        TEMPLATE
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("Input: "))
            .findFirst()
            .orElseThrow();
    String event = input.substring("Input: '".length(), input.length() - 1);

    assertThat(CommandReader.read(event.getBytes(UTF_8)).action()).isEqualTo(Command.Action.POLL);
  }

  @Test
  void alarmsAndDashboardKnowOnlyMetricsThatExist() throws IOException {
    Set<String> exist = InvocationLogTest.metricsOfARun();
    Set<String> others =
        Set.of(
            "Invocations",
            "Errors",
            "Throttles",
            "Duration",
            "OldestReplicationSlotLag",
            "FreeStorageSpace");

    Set<String> used = new TreeSet<>();
    Matcher metric =
        Pattern.compile("MetricName: (\\w+)|\\[\"(?:pg2kinesis|AWS/Lambda|\\.)\", \"(\\w+)\"")
            .matcher(TEMPLATE);
    while (metric.find()) {
      used.add(metric.group(1) != null ? metric.group(1) : metric.group(2));
    }

    assertThat(used).contains("LagBytes", "RetainedBytes", "SlotHealthy", "OldestPublishedAgeMs");
    used.removeAll(others);
    assertThat(exist).containsAll(used);
  }

  /** Numbers of periods in which a slow schedule runs nothing would never add up to an alarm. */
  @Test
  void noAlarmOfTheFunctionCountsPeriodsWithoutARun() {
    List<String> alarms =
        below("Resources").stream()
            .filter(line -> line.matches("\\w+Alarm:"))
            .map(line -> line.substring(0, line.length() - 1))
            .toList();

    assertThat(alarms).contains("FailingAlarm", "LagAlarm", "RetainedAlarm", "SlotWalAlarm");
    for (String alarm : alarms) {
      List<String> lines = below("  " + alarm).stream().map(String::strip).toList();
      if (lines.contains("Namespace: AWS/RDS")) {
        continue; // comes every minute, whatever the schedule
      }
      assertThat(lines)
          .as(alarm)
          .anyMatch(
              line ->
                  line.equals("Period: !Ref SilenceSeconds")
                      || (line.equals("Period: 60") && lines.contains("EvaluationPeriods: 1")));
      assertThat(lines)
          .as(alarm)
          .noneMatch(line -> line.matches("Period: \\d+") && !line.equals("Period: 60"));
    }
  }

  @Test
  void theDatabasesAlarmsOutliveTheStack() {
    for (String alarm : List.of("SlotWalAlarm", "StorageAlarm")) {
      List<String> lines = below("  " + alarm);

      assertThat(lines)
          .contains("DeletionPolicy: RetainExceptOnCreate", "UpdateReplacePolicy: Retain");
      assertThat(String.join("\n", lines)).doesNotContain("Pg2KinesisFunction");
    }
  }

  @Test
  void publishesTheVersionThatIsBuilt() {
    Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(read("pom.xml"));
    assertThat(version.find()).isTrue();

    assertThat(below("  AWS::ServerlessRepo::Application"))
        .contains("SemanticVersion: " + version.group(1));
  }

  @ParameterizedTest
  @CsvSource({
    "accept-gap.json,           POLL",
    "create-slot-failover.json, CREATE_SLOT",
    "create-slot.json,          CREATE_SLOT",
    "drain.json,                DRAIN",
    "drop-slot.json,            DROP_SLOT",
    "peek.json,                 PEEK",
    "poll.json,                 POLL",
    "rule-drain.json,           DRAIN",
    "rule.json,                 POLL",
    "scheduler-drain.json,      DRAIN",
    "scheduler.json,            POLL",
    "skip.json,                 SKIP",
    "snapshot.json,             SNAPSHOT",
    "status.json,               STATUS",
  })
  void everyEventFileIsACommand(String file, String action) throws IOException {
    Command command = CommandReader.read(Files.readAllBytes(Path.of("events", file)));

    assertThat(command.action()).isEqualTo(Command.Action.valueOf(action));
  }

  @Test
  void noEventFileIsLeftOut() throws Exception {
    List<String> tested =
        Arrays.stream(
                TemplateTest.class
                    .getDeclaredMethod("everyEventFileIsACommand", String.class, String.class)
                    .getAnnotation(CsvSource.class)
                    .value())
            .map(row -> row.substring(0, row.indexOf(',')))
            .toList();
    try (Stream<Path> files = Files.list(Path.of("events"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(tested);
    }
  }

  @Test
  void theSchedulersDetailIsAStringAndTheRulesIsNot() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode scheduler = json.readTree(Files.readAllBytes(Path.of("events/scheduler.json")));
    JsonNode rule = json.readTree(Files.readAllBytes(Path.of("events/rule.json")));

    assertThat(scheduler.path("detail").isTextual()).isTrue();
    assertThat(rule.path("detail").isObject()).isTrue();
  }

  @Test
  void theOtherEnvironmentSetsParametersThatExist() {
    Matcher override =
        Pattern.compile("^ {2}\"(\\w+)=", Pattern.MULTILINE).matcher(read("samconfig.toml"));
    int found = 0;
    while (override.find()) {
      assertThat(below("  " + override.group(1))).as(override.group(1)).isNotEmpty();
      found++;
    }
    assertThat(found).isPositive();
  }
}
