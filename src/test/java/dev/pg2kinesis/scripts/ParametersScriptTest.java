package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.scripts.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code scripts/parameters} with an AWS CLI whose answers the test writes. */
class ParametersScriptTest {

  private static final String INSTANCE =
      """
      {"DBInstances": [{
        "DBInstanceIdentifier": "shop", "DbiResourceId": "db-ABC",
        "Endpoint": {"Address": "shop.x.rds.amazonaws.com", "Port": 5433},
        "IAMDatabaseAuthenticationEnabled": true,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
        "DBSubnetGroup": {"DBSubnetGroupName": "private"}}]}
      """;

  private static final String CLUSTER =
      """
      {"DBClusters": [{
        "DbClusterResourceId": "cluster-ABC", "Endpoint": "shop.cluster-x.rds.amazonaws.com",
        "Port": 5432, "IAMDatabaseAuthenticationEnabled": true,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-2"}], "DBSubnetGroup": "private",
        "DBClusterMembers": [
          {"DBInstanceIdentifier": "shop-1", "IsClusterWriter": false},
          {"DBInstanceIdentifier": "shop-2", "IsClusterWriter": true}]}]}
      """;

  private static final String NOT_FOUND =
      "An error occurred (DBInstanceNotFound) when calling the DescribeDBInstances operation: x";

  @TempDir Path directory;

  private StubAws aws;
  private Path file;

  @BeforeEach
  void stub() {
    file = directory.resolve("made/database.yaml");
    aws = new StubAws(directory);
  }

  private void instance(String description) {
    aws.prints("rds describe-db-instances", description);
  }

  private void cluster() {
    aws.fails("rds describe-db-instances", NOT_FOUND).prints("rds describe-db-clusters", CLUSTER);
  }

  /** Two subnets: one with a route table of its own, one with the VPC's main one. */
  private void network(String ownRoute, String mainRoute) {
    aws.prints(
            "rds describe-db-subnet-groups",
            """
            {"DBSubnetGroups": [{"VpcId": "vpc-1", "Subnets": [
              {"SubnetIdentifier": "subnet-own"}, {"SubnetIdentifier": "subnet-main"}]}]}
            """)
        .prints(
            "ec2 describe-route-tables",
            """
            {"RouteTables": [
              {"Associations": [{"Main": true}],
               "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}%s]},
              {"Associations": [{"Main": false, "SubnetId": "subnet-own"}],
               "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}%s]}]}
            """
                .formatted(mainRoute, ownRoute));
  }

  private static final String NAT =
      ", {\"DestinationCidrBlock\": \"0.0.0.0/0\", \"NatGatewayId\": \"nat-1\"}";

  private static final String INTERNET =
      ", {\"DestinationCidrBlock\": \"0.0.0.0/0\", \"GatewayId\": \"igw-1\"}";

  private void account(int concurrency) {
    aws.prints(
        "lambda get-account-settings",
        "{\"AccountLimit\":{\"ConcurrentExecutions\":" + concurrency + "}}");
  }

  private Ended parameters(String... arguments) {
    return new Script("bash", "scripts/parameters", "--file", file.toString())
        .arguments(arguments)
        .finding(directory)
        .run();
  }

  private JsonNode written() throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(file));
  }

  @Test
  void writesWhatAStackHasToKnow() throws IOException {
    instance(INSTANCE);
    network(NAT, NAT);
    account(1000);

    Ended ended = parameters("shop", "orders");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.err()).doesNotContain("!");
    assertThat(written())
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"DatabaseHost": "shop.x.rds.amazonaws.com", "DatabasePort": 5433,
                     "DatabaseName": "orders", "DatabaseResourceId": "db-ABC",
                     "DatabaseSecurityGroupId": "sg-1", "VpcId": "vpc-1",
                     "SubnetIds": ["subnet-own", "subnet-main"], "ReservedConcurrency": "1"}
                    """));
  }

  @Test
  void takesAnAuroraCluster() throws IOException {
    cluster();
    network(NAT, NAT);
    account(1000);

    Ended ended = parameters("shop", "orders", "--alarms", "arn:aws:sns:t");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(written().path("DatabaseHost").asText())
        .isEqualTo("shop.cluster-x.rds.amazonaws.com");
    assertThat(written().path("DatabaseResourceId").asText()).isEqualTo("cluster-ABC");
    assertThat(written().path("DatabaseInstanceId").asText()).isEqualTo("shop-2");
    assertThat(written().path("FreeStorageBytesAlarm").asInt(-1)).isZero();
  }

  @Test
  void takesTheClusterOfAnAuroraInstance() throws IOException {
    instance(INSTANCE.replace("\"DbiResourceId\"", "\"DBClusterIdentifier\": \"shop\", \"D\""));
    aws.prints("rds describe-db-clusters", CLUSTER);
    network(NAT, NAT);
    account(1000);

    parameters("shop-1", "orders");

    assertThat(written().path("DatabaseResourceId").asText()).isEqualTo("cluster-ABC");
    assertThat(aws.calls()).anyMatch(call -> call.contains("--db-cluster-identifier shop "));
  }

  @ParameterizedTest
  @CsvSource({"10, none", "100, none", "101, 1", "1000, 1"})
  void reservesConcurrencyOnlyWhereTheAccountHasEnough(int limit, String reserved)
      throws IOException {
    instance(INSTANCE);
    network(NAT, NAT);
    account(limit);

    parameters("shop", "orders");

    assertThat(written().path("ReservedConcurrency").asText()).isEqualTo(reserved);
  }

  @Test
  void warnsOfSubnetsWithoutNat() {
    instance(INSTANCE);
    network(INTERNET, "");
    account(1000);

    Ended ended = parameters("shop", "orders");

    assertThat(ended.status()).isZero();
    assertThat(ended.err())
        .contains("! No route from subnet-own subnet-main to a NAT gateway", "--endpoints");
  }

  @Test
  void warnsOfTheOneSubnetWithoutNat() {
    instance(INSTANCE);
    network(NAT, INTERNET);
    account(1000);

    assertThat(parameters("shop", "orders").err()).contains("! No route from subnet-main to a NAT");
  }

  @Test
  void warnsWhereTokensWouldBeRejected() {
    instance(INSTANCE.replace("Enabled\": true", "Enabled\": false"));
    network(NAT, NAT);
    account(1000);

    assertThat(parameters("shop", "orders").err())
        .contains(
            "! IAM database authentication is off. aws rds modify-db-instance"
                + " --db-instance-identifier shop --enable-iam-database-authentication");
  }

  @Test
  void addsWhatIsThereAlready() throws IOException {
    instance(INSTANCE.replace("Enabled\": true", "Enabled\": false"));
    network("", "");
    account(1000);
    aws.prints(
            "cloudformation describe-stacks",
            """
            {"Stacks": [{"Outputs": [
              {"OutputKey": "EndpointSecurityGroupId", "OutputValue": "sg-9"}]}]}
            """)
        .prints("secretsmanager describe-secret", "{\"ARN\": \"arn:aws:secretsmanager:s-AbCdEf\"}")
        .prints(
            "kinesis describe-stream-summary",
            """
            {"StreamDescriptionSummary": {"StreamARN": "arn:aws:kinesis:x:stream/changes",
              "KeyId": "arn:aws:kms:x:key/1"}}
            """);

    Ended ended =
        parameters(
            "shop",
            "orders",
            "--endpoints",
            "e",
            "--secret",
            "pg2kinesis/shop",
            "--stream",
            "changes",
            "--alarms",
            "arn:aws:sns:t");

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.err()).doesNotContain("!");
    assertThat(written().path("EndpointSecurityGroupId").asText()).isEqualTo("sg-9");
    assertThat(written().path("DatabaseSecretArn").asText())
        .isEqualTo("arn:aws:secretsmanager:s-AbCdEf");
    assertThat(written().path("StreamArn").asText()).isEqualTo("arn:aws:kinesis:x:stream/changes");
    assertThat(written().path("StreamKmsKeyArn").asText()).isEqualTo("arn:aws:kms:x:key/1");
    assertThat(written().path("AlarmTopicArn").asText()).isEqualTo("arn:aws:sns:t");
    assertThat(written().path("DatabaseInstanceId").asText()).isEqualTo("shop");
    assertThat(written().has("FreeStorageBytesAlarm")).isFalse();
  }

  @Test
  void everyParameterIsOneOfTheTemplate() throws IOException {
    addsWhatIsThereAlready();
    List<String> template = Files.readAllLines(Path.of("template.yaml"));

    assertThat(written().fieldNames())
        .toIterable()
        .allSatisfy(name -> assertThat(template).contains("  " + name + ":"));
  }

  @Test
  void keepsTheOldFileWhenItCannotAsk() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{}");
    aws.fails("rds describe-db-instances", "An error occurred (AccessDenied) when calling x");

    Ended ended = parameters("shop", "orders");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("AccessDenied");
    assertThat(written()).isEmpty();
  }

  @Test
  void saysWhenThereIsNoSuchDatabase() {
    aws.fails("rds describe-db-instances", NOT_FOUND)
        .fails("rds describe-db-clusters", "An error occurred (DBClusterNotFoundFault)");

    assertThat(parameters("shop", "orders").err())
        .contains("there is neither an instance nor a cluster shop");
  }

  @Test
  void goesOnWithoutTheRightsToLookAtNetworkAndAccount() throws IOException {
    instance(INSTANCE);
    network(NAT, NAT);
    StubAws poor = new StubAws(directory.resolve("poor"));
    poor.prints("rds describe-db-instances", INSTANCE)
        .prints(
            "rds describe-db-subnet-groups",
            "{\"DBSubnetGroups\": [{\"VpcId\": \"vpc-1\", \"Subnets\": []}]}")
        .fails("ec2 describe-route-tables", "An error occurred (UnauthorizedOperation)")
        .fails("lambda get-account-settings", "An error occurred (AccessDeniedException)");

    Ended ended =
        new Script("bash", "scripts/parameters", "--file", file.toString(), "shop", "orders")
            .finding(poor.folder())
            .run();

    assertThat(ended.status()).as(ended.text()).isZero();
    assertThat(ended.err()).contains("UnauthorizedOperation", "AccessDeniedException");
    assertThat(written().path("ReservedConcurrency").asText()).isEqualTo("none");
  }

  @Test
  void saysHowItIsUsed() {
    assertThat(parameters("--help").out()).startsWith("usage: scripts/parameters [options]");
    assertThat(parameters("--help").status()).isZero();
    assertThat(parameters("shop").status()).isEqualTo(2);
    assertThat(parameters("--no-such-option").status()).isEqualTo(2);
  }
}
