package dev.pg2kinesis.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.scripts.FakeAws.Answer;
import dev.pg2kinesis.scripts.FakeAws.Invocation;
import dev.pg2kinesis.scripts.Script.Ended;
import dev.pg2kinesis.tail.Tail;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of {@code src/docs/deploy.md} as they are written there, in their order, with
 * the real psql, AWS CLI and SAM CLI. The database is an emulated RDS, the function is the real
 * handler, RDS and the network are moto's; CloudFormation and Lambda are {@link FakeAws}. Only
 * {@code sam build} and the download of certificates are stubs: {@code .ci/sam} builds for real.
 */
class DeployGuideIT {

  private static final Path GUIDE = Path.of("src/docs/deploy.md");

  /** What the function is called with before Lambda has room for it. */
  private static final Set<String> THROTTLED_ONCE =
      Set.of("{\"action\":\"create-slot\"}", "{\"action\":\"poll\"}");

  @RegisterExtension static final KinesisLocal kinesis = KinesisLocal.forClass();

  @TempDir Path project;
  @TempDir Path programs;

  private final Map<String, LocalDeployment> deployments = new HashMap<>();
  private final Set<String> throttled = new HashSet<>();

  /** What every function logs in with, once its role has to: the server knows no IAM tokens. */
  private String password = "";

  private EmulatedRds rds;
  private FakeAws aws;
  private Moto moto;

  @BeforeEach
  void start() throws IOException {
    writePrograms();
    rds = EmulatedRds.start(17);
    moto = Moto.start();
    aws = new FakeAws(this::outputs, this::invoke);
    // PostgreSQL lets only a superuser publish all tables, RDS its master user.
    rds.sql("CREATE PUBLICATION pg2kinesis FOR ALL TABLES");
    kinesis.addStream("changes", 1);
    copyProject();
    createSurroundings();
  }

  @AfterEach
  void stop() {
    System.clearProperty("aws.endpointUrlSsm");
    aws.close();
    moto.close();
    rds.close();
  }

  @Test
  void everyCommandRunsAsItIsWritten() throws IOException {
    mainPath();
    aurora();
    password();
    endpoints();
    existingStream();
    furtherStacks();
    takingAway();
    assertThat(blocksNotRun()).isEmpty();
  }

  private void mainPath() {
    run("## 1. Names");
    run("## 2. Turn on logical decoding and IAM authentication");
    assertThat(
            command(
                "aws rds describe-db-instances --db-instance-identifier shop --output text --query"
                    + " 'DBInstances[0].[IAMDatabaseAuthenticationEnabled,DBParameterGroups[0].DBParameterGroupName]'"))
        .isEqualTo("True\tshop-logical");
    assertThat(
            command(
                "aws rds describe-db-parameters --db-parameter-group-name shop-logical --output text"
                    + " --query 'Parameters[].[ParameterName,ParameterValue]' | sort"))
        .isEqualTo("max_slot_wal_keep_size\t51200\nrds.logical_replication\t1");
    assertThat(run("## 3. Ask AWS for the parameters").err()).doesNotContain("!");
    run("## 4. Role and publication");
    run("## 5. Build");
    run("## 6. Deploy");
    assertThat(aws.parameters("pg2kinesis"))
        .containsEntry("DatabasePort", Integer.toString(rds.server().port()))
        .containsEntry("DatabaseName", "shop")
        .containsEntry("DatabaseUser", "pg2kinesis")
        .containsEntry("PublicationNames", "pg2kinesis")
        .containsEntry("HttpsEgressCidr", "0.0.0.0/0")
        .containsEntry("ReservedConcurrency", "1")
        .containsEntry("DatabaseInstanceId", "shop")
        .hasEntrySatisfying("SubnetIds", ids -> assertThat(ids.split(",")).hasSize(2))
        .hasEntrySatisfying("AlarmTopicArn", arn -> assertThat(arn).endsWith(":pg2kinesis"))
        .hasEntrySatisfying("DatabaseResourceId", id -> assertThat(id).startsWith("db-"));
    afterDeployment("pg2kinesis");
    Ended created = run("## 7. Create the slot");
    assertThat(created.out()).contains("\"outcome\": \"CREATED\"", "\"name\": \"pg2kinesis\"");
    assertThat(created.err()).contains("Another run is at work");
    assertThat(run("## 8. See a change arrive").out())
        .contains("public.pg2kinesis_hello|1", "\"after\":{\"id\":1,\"word\":\"hello\"}");
  }

  private void aurora() throws IOException {
    run("### Aurora");
    assertThat(written("database.yaml"))
        .contains("\"DatabaseResourceId\": \"cluster-", "\"FreeStorageBytesAlarm\": 0");
    assertThat(
            command(
                "aws rds describe-db-cluster-parameters --db-cluster-parameter-group-name"
                    + " aurora-logical --output text"
                    + " --query 'Parameters[].[ParameterName,ParameterValue]'"))
        .contains("rds.logical_replication\t1");
  }

  private void password() {
    Ended ended = run("### A password instead of IAM authentication");
    assertThat(aws.parameters("pg2kinesis"))
        .containsEntry("Authentication", "secret")
        .hasEntrySatisfying(
            "DatabaseSecretArn", arn -> assertThat(arn).contains(":secret:pg2kinesis/shop-"));
    String secret =
        command(
            "aws secretsmanager get-secret-value --secret-id pg2kinesis/shop --output text"
                + " --query SecretString | jq -r .password");
    assertThat(secret).hasSize(40);
    assertThat(ended.text()).doesNotContain(secret);
    assertThat(rds.log()).doesNotContain(secret);
    rds.server().requirePassword("pg2kinesis");
    assertThat(
            new Script("psql", "-Atc", "SELECT current_user")
                .with(rds.login("pg2kinesis"))
                .with("PGPASSWORD", secret)
                .run()
                .out())
        .isEqualTo("pg2kinesis\n");
    password = secret;
    deployments.clear();
  }

  private void endpoints() {
    run("### Interface endpoints instead of a NAT gateway");
    assertThat(aws.parameters("pg2kinesis-endpoints"))
        .containsEntry("ClientCidr", "10.0.0.0/16")
        .hasEntrySatisfying("SubnetIds", ids -> assertThat(ids).startsWith("subnet-"));
    assertThat(aws.parameters("pg2kinesis"))
        .containsEntry("EndpointSecurityGroupId", "sg-0e0e0e0e")
        .containsEntry("Watermark", "false");
  }

  private void existingStream() {
    run("### A stream that exists");
    assertThat(aws.parameters("pg2kinesis"))
        .hasEntrySatisfying("StreamArn", arn -> assertThat(arn).endsWith(":stream/changes"));
  }

  private void furtherStacks() {
    assertThat(run("### A second environment").out()).contains("\"outcome\": \"CREATED\"");
    assertThat(aws.parameters("pg2kinesis-staging"))
        .containsEntry("SlotName", "pg2kinesis_staging")
        .containsEntry("ScheduleExpression", "rate(5 minutes)");
    for (String slot : List.of("audit", "billing", "changes")) {
      run("### Several slots, databases or streams");
      assertThat(aws.parameters("pg2kinesis-" + slot))
          .containsEntry("SlotName", "pg2kinesis_" + slot);
    }
    assertThat(aws.parameters("pg2kinesis-billing")).containsEntry("DatabaseName", "billing");
    assertThat(aws.parameters("pg2kinesis-audit")).containsEntry("PublicationNames", "audit");
  }

  private void takingAway() {
    Ended removed = run("## Taking it away");
    assertThat(removed.out()).contains("Stack pg2kinesis is deleted", "aws kinesis delete-stream");
    assertThat(aws.status("pg2kinesis")).isEqualTo("DELETE_COMPLETE");
    assertThat(slots()).isEqualTo("pg2kinesis_staging");
    assertThat(watermarks()).isEmpty();
    assertThat(
            command(
                "aws scheduler get-schedule --name pg2kinesis-tick --query State --output text"))
        .isEqualTo("DISABLED");

    // A stack that was deleted in another way leaves this behind.
    rds.sql("SELECT pg_create_logical_replication_slot('pg2kinesis', 'pgoutput')");
    command("aws ssm put-parameter --name /pg2kinesis/watermark --type String --value x");
    run("## Taking it away");
    assertThat(slots()).isEqualTo("pg2kinesis_staging");
    assertThat(watermarks()).isEmpty();
  }

  private String slots() {
    return rds.query("SELECT string_agg(slot_name, ',') FROM pg_replication_slots");
  }

  private String watermarks() {
    return command(
        "aws ssm get-parameters --names /pg2kinesis/watermark --query 'Parameters[].Name' --output"
            + " text");
  }

  // ------------------------------------------------------------------- the guide

  /** A block of commands, and the heading above it. */
  private record Block(String heading, String commands) {}

  private final List<Block> toRun = blocks();

  private static List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    String heading = "";
    StringBuilder block = null;
    try {
      for (String line : Files.readAllLines(GUIDE)) {
        if (block == null && line.startsWith("#")) {
          heading = line;
        } else if (line.equals("```sh")) {
          block = new StringBuilder();
        } else if (block != null && line.equals("```")) {
          blocks.add(new Block(heading, block.toString()));
          block = null;
        } else if (block != null) {
          block.append(line).append('\n');
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return blocks;
  }

  /** Runs the next block below a heading, with what the ones before have exported. */
  private Ended run(String heading) {
    Block block = toRun.stream().filter(b -> b.heading().equals(heading)).findFirst().orElseThrow();
    toRun.remove(block);
    rds.letReplicationRolesReplicate();
    String commands =
        block
            .commands()
            // The superuser of the embedded server has the name of RDS's master user.
            .replace("PGUSER=postgres ", "PGUSER=" + EmulatedRds.MASTER + " ")
            .replace("CLUSTER=shop ", "CLUSTER=aurora ");
    Ended ended =
        session("[ ! -e environment ] || . ./environment\n" + commands + "export -p >environment\n")
            .reading(commands.contains("scripts/remove") ? "pg2kinesis\n" : "y\n")
            .run();
    assertThat(ended.status()).as(heading + "\n" + ended.text()).isZero();
    return ended;
  }

  private List<String> blocksNotRun() {
    return toRun.stream()
        .map(Block::heading)
        // Needs an artifact of a release; .ci/release makes one and unpacks it.
        .filter(heading -> !heading.equals("## From a release, without building"))
        .toList();
  }

  private String command(String command) {
    Ended ended = session(command).run();
    assertThat(ended.status()).as(ended.text()).isZero();
    return ended.out().strip();
  }

  private Script session(String commands) {
    return new Script("bash", "-euo", "pipefail", "-c", "cd " + project + "\n" + commands)
        .finding(programs)
        .with("AWS_ENDPOINT_URL", moto.endpoint().toString())
        .with("AWS_ENDPOINT_URL_LAMBDA", aws.endpoint().toString())
        .with("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.endpoint().toString())
        .with("AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString())
        .with("AWS_ACCESS_KEY_ID", "test")
        .with("AWS_SECRET_ACCESS_KEY", "test")
        .with("AWS_DEFAULT_REGION", FakeAws.REGION)
        .with("AWS_REGION", FakeAws.REGION)
        .with("SAM_CLI_TELEMETRY", "0")
        .with("SAM_CLI_POLL_DELAY", "1")
        .with("PGHOSTADDR", "127.0.0.1")
        .with("PSQLRC", "/dev/null");
  }

  private String written(String file) throws IOException {
    return Files.readString(project.resolve(".deploy").resolve(file));
  }

  // ------------------------------------------------------------ the surroundings

  /** What the commands need of the project, so that they change nothing in it. */
  private void copyProject() throws IOException {
    for (String name :
        List.of(
            "template.yaml", "samconfig.toml", "README.md", "LICENSE", "scripts", "src/main/sam")) {
      try (Stream<Path> files = Files.walk(Path.of(name))) {
        for (Path file : files.toList()) {
          Path copy = project.resolve(file);
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    // scripts/tail finds itself compiled.
    Path tail = Path.of("target/test-classes/dev/pg2kinesis/tail/Tail.class");
    Files.createDirectories(project.resolve(tail).getParent());
    try (InputStream compiled = Tail.class.getResourceAsStream("Tail.class")) {
      Files.copy(compiled, project.resolve(tail));
    }
    Files.writeString(
        project.resolve("target/test-classpath.txt"), System.getProperty("java.class.path"));
    Path logging = Path.of("src/test/resources/logging.properties");
    Files.createDirectories(project.resolve(logging).getParent());
    Files.copy(logging, project.resolve(logging));
  }

  private void writePrograms() {
    // moto changes parameter groups at once, so that none ever waits for a reboot. Version 1 of the
    // CLI has a host of its own for RDS in this region.
    Script.program(
        programs,
        "aws",
        """
        #!/bin/sh
        case "$*" in
          *ParameterApplyStatus* | *DBClusterParameterGroupStatus*) echo pending-reboot; exit ;;
          rds*) set -- --endpoint-url "$AWS_ENDPOINT_URL" "$@" ;;
        esac
        exec %s "$@"
        """
            .formatted(Venv.aws().resolve("aws")));
    Script.program(
        programs,
        "sam",
        """
        #!/bin/sh
        if [ "$1" = build ]; then exec test -f src/main/resources/global-bundle.pem; fi
        exec %s "$@"
        """
            .formatted(Venv.sam().resolve("sam")));
    Script.program(
        programs,
        "curl",
        """
        #!/bin/sh
        while [ "$1" != --output ]; do shift; done
        printf -- '-----BEGIN CERTIFICATE-----\\n-----END CERTIFICATE-----\\n' >"$2"
        """);
  }

  /** A VPC with a NAT gateway, an instance and a cluster in it, and a bucket for SAM. */
  private void createSurroundings() {
    command(
        """
        vpc=$(aws ec2 create-vpc --cidr-block 10.0.0.0/16 --query Vpc.VpcId --output text)
        subnets=""
        for i in 1 2; do
          subnets="$subnets $(aws ec2 create-subnet --vpc-id "$vpc" --cidr-block 10.0.$i.0/24 \\
            --query Subnet.SubnetId --output text)"
        done
        table=$(aws ec2 describe-route-tables --filters "Name=vpc-id,Values=$vpc" \\
          --query 'RouteTables[0].RouteTableId' --output text)
        address=$(aws ec2 allocate-address --query AllocationId --output text)
        nat=$(aws ec2 create-nat-gateway --subnet-id ${subnets##* } --allocation-id "$address" \\
          --query NatGateway.NatGatewayId --output text)
        aws ec2 create-route --route-table-id "$table" --destination-cidr-block 0.0.0.0/0 \\
          --nat-gateway-id "$nat"
        aws rds create-db-subnet-group --db-subnet-group-name private \\
          --db-subnet-group-description private --subnet-ids $subnets
        aws rds create-db-instance --db-instance-identifier shop --db-instance-class db.t4g.micro \\
          --engine postgres --engine-version 17.4 --master-username postgres \\
          --master-user-password x1234567 --allocated-storage 20 --port %1$d \\
          --db-subnet-group-name private --vpc-security-group-ids sg-0a0a0a0a
        aws rds create-db-cluster --db-cluster-identifier aurora --engine aurora-postgresql \\
          --engine-version 16.4 --master-username postgres --master-user-password x1234567 \\
          --port %1$d --db-subnet-group-name private --vpc-security-group-ids sg-0b0b0b0b
        aws rds create-db-instance --db-instance-identifier aurora-1 --db-cluster-identifier aurora \\
          --db-instance-class db.t4g.medium --engine aurora-postgresql
        aws s3api create-bucket --bucket packages
        """
            .formatted(rds.server().port()));
  }

  /** What CloudFormation would have made of the stack. */
  private void afterDeployment(String stack) {
    command(
        """
        aws scheduler create-schedule --name %s-tick --schedule-expression 'rate(1 minute)' \\
          --flexible-time-window Mode=OFF \\
          --target Arn=arn:aws:lambda:x,RoleArn=arn:aws:iam::123456789012:role/x
        """
            .formatted(stack));
  }

  private Map<String, String> outputs(String stack) {
    if (stack.equals("pg2kinesis-endpoints")) {
      return Map.of("EndpointSecurityGroupId", "sg-0e0e0e0e");
    }
    return Map.of(
        "FunctionName",
        stack,
        "ScheduleName",
        stack + "-tick",
        "StreamName",
        deployment(stack).stream(),
        "WatermarkParameter",
        "/" + stack + "/watermark");
  }

  private Answer invoke(Invocation invocation) {
    if (THROTTLED_ONCE.contains(invocation.event()) && throttled.add(invocation.event())) {
      return new Answer.Throttled();
    }
    try {
      return new Answer.Result(
          deployment(invocation.function()).invoke(invocation.event()).toString());
    } catch (RuntimeException e) {
      return new Answer.FunctionError(
          new ObjectMapper().createObjectNode().put("errorMessage", e.getMessage()).toString());
    }
  }

  /** The function of a stack, with the stack's parameters as they were when it was first used. */
  private synchronized LocalDeployment deployment(String stack) {
    return deployments.computeIfAbsent(
        stack,
        name -> {
          Map<String, String> parameters = aws.parameters(name);
          LocalDeployment deployment =
              LocalDeployment.on(rds.server(), kinesis, 1)
                  .with("PGDATABASE", parameters.getOrDefault("DatabaseName", ""))
                  // Without the parameter the secret says the user.
                  .with("PGUSER", parameters.getOrDefault("DatabaseUser", "pg2kinesis"))
                  .with("PGPASSWORD", password)
                  .with("SLOT_NAME", parameters.getOrDefault("SlotName", "pg2kinesis"))
                  .with("PUBLICATION_NAMES", parameters.getOrDefault("PublicationNames", ""))
                  .with("WATERMARK_PARAMETER", "/" + name + "/watermark");
          System.setProperty("aws.endpointUrlSsm", moto.endpoint().toString());
          return deployment;
        });
  }
}
