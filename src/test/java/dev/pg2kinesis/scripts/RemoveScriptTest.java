package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pg2kinesis.scripts.Script.Ended;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/remove} with an AWS CLI whose answers the test writes. */
class RemoveScriptTest {

  private static final String ID =
      "arn:aws:cloudformation:eu-central-1:123456789012:stack/orders/51af3dc0";

  private static final String STACK =
      """
      {"Stacks": [{
        "StackId": "%s",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [
          {"ParameterKey": "SlotName", "ParameterValue": "orders_slot"},
          {"ParameterKey": "PublicationNames", "ParameterValue": "orders"},
          {"ParameterKey": "DatabaseUser", "ParameterValue": "cdc"},
          {"ParameterKey": "DatabaseSecretArn", "ParameterValue": "arn:aws:secretsmanager:s"}],
        "Outputs": [
          {"OutputKey": "FunctionName", "OutputValue": "orders"},
          {"OutputKey": "ScheduleName", "OutputValue": "orders-tick"},
          {"OutputKey": "WatermarkParameter", "OutputValue": "/orders/watermark"}]
      }]}
      """
          .formatted(ID);

  private static final String STATUS =
      """
      {"outcome": "HEALTHY", "server": {}, "slot": {"lagBytes": 4711},
       "stream": {"mode": "PROVISIONED", "openShards": 2}, "findings": []}
      """;

  private static final String NO_SLOT = "{\"outcome\":\"BROKEN\",\"server\":{},\"findings\":[]}";

  private static final String SCHEDULE =
      """
      {"Arn": "a", "Name": "orders-tick", "GroupName": "default", "State": "ENABLED",
       "CreationDate": 1, "LastModificationDate": 2, "ScheduleExpression": "rate(1 minute)",
       "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "f", "RoleArn": "r", "Input": "{}"}}
      """;

  private static final String UPDATE_TO = "scheduler update-schedule --cli-input-json { ";

  private static final String KEPT =
      """
      {"StackResources": [
        {"ResourceType": "AWS::Kinesis::Stream", "PhysicalResourceId": "orders-Stream-x",
         "ResourceStatus": "DELETE_SKIPPED"},
        {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "shop: slots' WAL",
         "ResourceStatus": "DELETE_SKIPPED"},
        {"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "orders",
         "ResourceStatus": "DELETE_COMPLETE"}]}
      """;

  @TempDir Path directory;

  private StubAws aws;

  @BeforeEach
  void stub() {
    aws = new StubAws(directory).prints("cloudformation describe-stacks", STACK);
  }

  private void schedule() {
    aws.prints("scheduler get-schedule", "ENABLED")
        .prints("scheduler get-schedule", SCHEDULE)
        .prints("scheduler update-schedule", "{}");
  }

  private void deletion(String... states) {
    aws.prints("cloudformation delete-stack", "");
    for (String state : states) {
      aws.prints("cloudformation describe-stacks", state);
    }
    aws.prints("cloudformation describe-stack-resources", KEPT);
  }

  private Ended remove(String... arguments) {
    return new Script("bash", "scripts/remove", "--stack", "orders", "--wait", "0")
        .arguments(arguments)
        .finding(directory)
        .run();
  }

  /** The operations called, in their order. */
  private List<String> operations() {
    return aws.calls().stream()
        .map(call -> call.split(" ", 3)[0] + " " + call.split(" ", 3)[1])
        .toList();
  }

  @Test
  void pausesDropsDeletesAndSaysWhatStays() {
    aws.result(STATUS).result("{\"outcome\":\"DROPPED\"}").prints("ssm delete-parameter", "");
    schedule();
    deletion("DELETE_IN_PROGRESS", "DELETE_COMPLETE");

    Ended ended = remove("--yes");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(operations())
        .containsExactly(
            "cloudformation describe-stacks",
            "lambda invoke",
            "scheduler get-schedule",
            "scheduler get-schedule",
            "scheduler update-schedule",
            "lambda invoke",
            "ssm delete-parameter",
            "ssm delete-parameter",
            "cloudformation delete-stack",
            "cloudformation describe-stacks",
            "cloudformation describe-stacks",
            "cloudformation describe-stack-resources");
    assertThat(aws.calls().get(1)).contains("--function-name orders", "{\"action\":\"status\"}");
    assertThat(aws.calls().get(5))
        .contains("{\"action\":\"drop-slot\",\"confirm\":\"orders_slot\"}");
    assertThat(aws.calls().get(6)).endsWith("--name /orders/watermark");
    assertThat(aws.calls().get(7)).endsWith("--name /orders/watermark-snapshot");
    assertThat(aws.calls().get(8)).endsWith("--stack-name " + ID);
    assertThat(ended.out())
        .contains(
            "4711 bytes of WAL that were not published yet",
            "Stream orders-Stream-x, $21.90 a month, until: aws kinesis delete-stream",
            "Alarm shop: slots' WAL, $0.10 a month, until: aws cloudwatch delete-alarms"
                + " --alarm-names 'shop: slots'\\'' WAL'",
            "--secret-id arn:aws:secretsmanager:s",
            "DROP PUBLICATION orders;",
            "GRANT cdc TO CURRENT_USER; DROP OWNED BY cdc; DROP ROLE cdc;")
        .doesNotContain("Lambda::Function");
  }

  @Test
  void pausesTheScheduleAsItIs() {
    aws.result(STATUS).result("{\"outcome\":\"DROPPED\"}").prints("ssm delete-parameter", "");
    schedule();
    deletion("DELETE_COMPLETE");

    remove("--yes");

    String update = String.join(" ", aws.calls());
    assertThat(update.substring(update.indexOf(UPDATE_TO)))
        .contains(
            "\"State\": \"DISABLED\"",
            "\"ScheduleExpression\": \"rate(1 minute)\"",
            "\"FlexibleTimeWindow\"",
            "\"Target\"")
        .doesNotContain("CreationDate", "LastModificationDate", "\"Arn\": \"a\"");
  }

  @Test
  void waitsForRunsThatAreStillGoingOn() {
    aws.result(STATUS)
        .notInvoked(StubAws.SERVICE_ERROR, StubAws.THROTTLED)
        .functionError("{\"errorMessage\":\"BUSY: another session is decoding the slot.\"}")
        .result("{\"outcome\":\"DROPPED\"}")
        .prints("ssm delete-parameter", "");
    schedule();
    deletion("DELETE_COMPLETE");

    Ended ended = remove("--yes");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(operations()).filteredOn("lambda invoke"::equals).hasSize(4);
  }

  @Test
  void asksAndDoesNothingUnlessTheStackIsNamed() {
    aws.result(STATUS);

    Ended wrong =
        new Script("bash", "scripts/remove", "--stack", "orders")
            .finding(directory)
            .reading("yes\n")
            .run();
    Ended nothing = remove();

    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.out()).contains("Slot orders_slot is dropped");
    assertThat(wrong.err()).contains("nothing was changed");
    assertThat(nothing.status()).isEqualTo(1);
    assertThat(operations()).containsOnly("cloudformation describe-stacks", "lambda invoke");
  }

  @Test
  void goesOnWhenTheStackIsNamed() {
    aws.result(STATUS).result("{\"outcome\":\"DROPPED\"}").prints("ssm delete-parameter", "");
    schedule();
    deletion("DELETE_COMPLETE");

    Ended ended =
        new Script("bash", "scripts/remove", "--stack", "orders", "--wait", "0")
            .finding(directory)
            .reading("orders\n")
            .run();

    assertThat(ended.status()).as(ended.text()).isZero();
  }

  @Test
  void deletesNothingAndPollsOnWhenTheSlotCannotBeDropped() {
    aws.result(STATUS).functionError("{\"errorMessage\":\"CONNECTION_FAILED: no connection\"}");
    schedule();
    aws.prints("scheduler get-schedule", SCHEDULE.replace("ENABLED", "DISABLED"));

    Ended ended = remove("--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains(
            "CONNECTION_FAILED",
            "the slot was not dropped, so nothing was deleted",
            "schedule orders-tick goes on");
    assertThat(operations())
        .doesNotContain("cloudformation delete-stack", "ssm delete-parameter")
        .filteredOn("scheduler update-schedule"::equals)
        .hasSize(2);
    String calls = String.join(" ", aws.calls());
    assertThat(calls.indexOf("\"DISABLED\"")).isLessThan(calls.lastIndexOf("\"ENABLED\""));
  }

  @Test
  void saysSoWhenPollingCannotGoOn() {
    aws.result(STATUS).functionError("{\"errorMessage\":\"CONNECTION_FAILED: no connection\"}");
    schedule();
    aws.fails("scheduler get-schedule", "ExpiredTokenException");

    assertThat(remove("--yes").err()).contains("schedule orders-tick IS STILL PAUSED");
  }

  @Test
  void leavesAScheduleAloneThatWasPausedBefore() {
    aws.result(STATUS)
        .functionError("{\"errorMessage\":\"CONNECTION_FAILED: no connection\"}")
        .prints("scheduler get-schedule", "DISABLED");

    remove("--yes");

    assertThat(operations()).doesNotContain("scheduler update-schedule");
  }

  @Test
  void changesNothingWhenTheDatabaseCannotBeAsked() {
    aws.result(
        "{\"outcome\":\"BROKEN\",\"findings\":[{\"message\":\"no connection to db:5432.\"}]}");

    Ended ended = remove("--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("no connection to db:5432.", "--keep-slot");
    assertThat(operations()).containsExactly("cloudformation describe-stacks", "lambda invoke");
  }

  @Test
  void aStackWithoutAFunctionDropsNoSlot() {
    StubAws failed =
        new StubAws(directory.resolve("failed"))
            .prints(
                "cloudformation describe-stacks",
                STACK
                    .replace("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
                    .replaceAll("\"Outputs\": \\[[^]]*]", "\"Outputs\": []"));

    Ended ended =
        new Script("bash", "scripts/remove", "--stack", "orders", "--yes")
            .finding(failed.folder())
            .run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("SELECT pg_drop_replication_slot('orders_slot')", "--keep-slot");
  }

  @Test
  void mayBeRunAgain() {
    aws.result(NO_SLOT)
        .result("{\"outcome\":\"MISSING\"}")
        .prints("scheduler get-schedule", "DISABLED")
        .fails(
            "ssm delete-parameter",
            "An error occurred (ParameterNotFound) when calling the DeleteParameter operation");
    deletion("DELETE_COMPLETE");

    Ended ended = remove("--yes");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.out()).contains("There is no slot orders_slot");
  }

  @Test
  void keepsTheStackWhenTheWatermarkCannotBeDeleted() {
    aws.result(STATUS)
        .result("{\"outcome\":\"DROPPED\"}")
        .fails("ssm delete-parameter", "An error occurred (AccessDeniedException)");
    schedule();

    Ended ended = remove("--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("AccessDenied", "The slot is dropped")
        .doesNotContain("goes on");
    assertThat(operations()).doesNotContain("cloudformation delete-stack");
  }

  @Test
  void leavesTheSlotOnlyWhenTold() {
    deletion("DELETE_COMPLETE");

    Ended ended = remove("--yes", "--keep-slot");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(operations())
        .doesNotContain("lambda invoke", "scheduler update-schedule", "ssm delete-parameter");
    assertThat(ended.out())
        .contains(
            "IT HOLDS WAL BACK",
            "SELECT pg_drop_replication_slot('orders_slot')",
            "aws ssm delete-parameter --name /orders/watermark",
            "Stream orders-Stream-x, until");
  }

  @Test
  void saysWhyAStackCouldNotBeDeleted() {
    aws.result(STATUS).result("{\"outcome\":\"DROPPED\"}").prints("ssm delete-parameter", "");
    schedule();
    aws.prints("cloudformation delete-stack", "")
        .prints("cloudformation describe-stacks", "DELETE_FAILED")
        .prints(
            "cloudformation describe-stack-events",
            """
            {"StackEvents": [
              {"LogicalResourceId": "FunctionSecurityGroup", "ResourceStatus": "DELETE_FAILED",
               "ResourceStatusReason": "resource sg-1 has a dependent object"},
              {"LogicalResourceId": "Dashboard", "ResourceStatus": "DELETE_COMPLETE"}]}
            """);

    Ended ended = remove("--yes");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err())
        .contains("- FunctionSecurityGroup: resource sg-1 has a dependent object", "DELETE_FAILED")
        .doesNotContain("Dashboard");
  }

  @Test
  void saysWhenThereIsNoSuchStack() {
    StubAws none =
        new StubAws(directory.resolve("none"))
            .fails("cloudformation describe-stacks", "Stack with id orders does not exist");

    Ended ended = new Script("bash", "scripts/remove", "--yes").finding(none.folder()).run();

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("does not exist", "stack pg2kinesis could not be looked at");
  }

  @Test
  void saysHowItIsUsed() {
    assertThat(remove("--help").out()).startsWith("usage: scripts/remove [options]");
    assertThat(remove("--help").status()).isZero();
    assertThat(remove("--no-such-option").status()).isEqualTo(2);
    assertThat(remove("another").status()).isEqualTo(2);
    assertThat(remove("--wait", "long").status()).isEqualTo(2);
  }
}
