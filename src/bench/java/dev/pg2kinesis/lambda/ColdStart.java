package dev.pg2kinesis.lambda;

import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.KinesisLocal;
import dev.pg2kinesis.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * Measures cold starts of the deployable under the real runtime interface client: until it asks for
 * its first event, and its first and second run, each publishing one change.
 */
public final class ColdStart {

  private static final int STARTS = 9;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String POLL = "{\"action\":\"poll\"}";

  private ColdStart() {}

  /** Prints a table; an argument names another jar than that of the build. */
  public static void main(String[] arguments) throws Exception {
    Path jar = Path.of(arguments.length > 0 ? arguments[0] : "target/pg2kinesis-lambda.jar");
    try (KinesisLocal kinesis = KinesisLocal.start();
        Moto moto = Moto.start()) {
      LocalDeployment deployment =
          LocalDeployment.on(PostgresServer.shared(15), kinesis, 1).withSlot("test_decoding");
      deployment.sql("CREATE TABLE t (id int PRIMARY KEY)");
      print(jar);
      System.out.println("| settings from | init | first run | second run |");
      System.out.println("|---|---|---|---|");
      measure("environment", jar, environment(deployment, kinesis), deployment);
      measure("Secrets Manager", jar, withSecret(deployment, kinesis, moto), deployment);
      measure("both, and Parameter Store", jar, withAll(deployment, kinesis, moto), deployment);
    }
    System.exit(0);
  }

  private static void print(Path jar) throws Exception {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      long classes = zip.stream().filter(e -> e.getName().endsWith(".class")).count();
      System.out.printf("%s: %,d bytes, %,d classes%n%n", jar, Files.size(jar), classes);
    }
  }

  private static Map<String, String> environment(LocalDeployment deployment, KinesisLocal kinesis) {
    Map<String, String> environment = new HashMap<>(deployment.environment());
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "test");
    environment.put("AWS_SECRET_ACCESS_KEY", "test");
    environment.put("AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString());
    return environment;
  }

  private static Map<String, String> withSecret(
      LocalDeployment deployment, KinesisLocal kinesis, Moto moto) {
    moto.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        "{\"Name\":\"cold\",\"SecretString\":"
            + "\"{\\\"username\\\":\\\"postgres\\\",\\\"password\\\":\\\"postgres\\\"}\"}");
    return secret(deployment, kinesis, moto);
  }

  private static Map<String, String> secret(
      LocalDeployment deployment, KinesisLocal kinesis, Moto moto) {
    Map<String, String> environment = environment(deployment, kinesis);
    environment.remove("PGUSER");
    environment.remove("PGPASSWORD");
    environment.put("DB_SECRET_ID", "cold");
    environment.put("AWS_ENDPOINT_URL", moto.endpoint().toString());
    return environment;
  }

  private static Map<String, String> withAll(
      LocalDeployment deployment, KinesisLocal kinesis, Moto moto) {
    moto.call(
        "ssm",
        "AmazonSSM.PutParameter",
        "{\"Name\":\"/cold/FORMAT\",\"Type\":\"String\",\"Value\":\"debezium\"}");
    Map<String, String> environment = secret(deployment, kinesis, moto);
    environment.put("CONFIG_PATH", "/cold");
    return environment;
  }

  private static void measure(
      String name, Path jar, Map<String, String> environment, LocalDeployment deployment)
      throws Exception {
    List<Long> init = new ArrayList<>();
    List<Long> first = new ArrayList<>();
    List<Long> second = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      try (LambdaRuntime runtime = LambdaRuntime.start(jar, environment)) {
        init.add(runtime.init().toMillis());
        first.add(run(runtime, deployment));
        second.add(run(runtime, deployment));
      }
    }
    System.out.printf("| %s | %s | %s | %s |%n", name, text(init), text(first), text(second));
  }

  private static long run(LambdaRuntime runtime, LocalDeployment deployment) throws Exception {
    deployment.sql("INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t");
    long start = System.nanoTime();
    LambdaRuntime.Answer answer = runtime.invoke(POLL, LIMIT);
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    if (!answer.ok() || !answer.body().contains("\"records\":1")) {
      throw new IllegalStateException(answer.body());
    }
    return millis;
  }

  private static String text(List<Long> millis) {
    Collections.sort(millis);
    return "%,d ms (%,d–%,d)"
        .formatted(millis.get(millis.size() / 2), millis.get(0), millis.get(millis.size() - 1));
  }
}
