package dev.pg2kinesis.lambda;

import dev.pg2kinesis.LocalDeployment;
import dev.pg2kinesis.aws.Moto;
import dev.pg2kinesis.kinesis.FakeKinesis;
import dev.pg2kinesis.postgres.Authority;
import dev.pg2kinesis.postgres.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Measures cold starts of the deployable under the real runtime interface client: until it asks for
 * its first event, its first and second run, each publishing one change, and runs without changes.
 * In turn for each choice of options and settings, so that other work on the machine slows all of
 * them.
 */
public final class ColdStart {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String POLL = "{\"action\":\"poll\"}";
  private static final int IDLE_RUNS = 20;
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path jar;
  private final Path javaHome;
  private final List<String> trust;
  private final AtomicLong acknowledged = new AtomicLong();

  private ColdStart(Path jar, Path javaHome, List<String> trust) {
    this.jar = jar;
    this.javaHome = javaHome;
    this.trust = trust;
  }

  /**
   * Prints a table.
   *
   * @param arguments the jar; the home of the JVM that runs it; further options of that JVM, one
   *     choice to each semicolon, separated by blanks, or {@code stack}; starts of each; whether
   *     there is TLS; what the names of the settings that are measured contain
   */
  public static void main(String[] arguments) throws Exception {
    Path jar = Path.of(arguments[0]);
    Path javaHome = Path.of(arguments[1]);
    List<String> choices = List.of(arguments[2].split(";", -1));
    int starts = Integer.parseInt(arguments[3]);
    boolean tls = arguments[4].equals("yes");
    Path directory = Files.createTempDirectory("cold");
    Authority authority = Authority.in(directory, "cold");
    Authority.Issued identity = authority.issue("localhost");
    Path bundle = directory.resolve("bundle.pem");
    Path store = directory.resolve("cacerts");
    trust(authority.certificate(), javaHome, store, bundle);
    Map<String, String> server = new HashMap<>();
    server.put("ssl", tls ? "on" : "off");
    server.put("ssl_cert_file", identity.certificate().toString());
    server.put("ssl_key_file", identity.key().toString());
    try (FakeKinesis kinesis = tls ? FakeKinesis.start(identity.context()) : FakeKinesis.start();
        Moto moto = Moto.start();
        TlsEndpoint others = TlsEndpoint.before(moto.endpoint(), identity.context());
        PostgresServer postgres = PostgresServer.start(15, server)) {
      fill(moto);
      ColdStart measurement =
          new ColdStart(jar, javaHome, List.of("-Djavax.net.ssl.trustStore=" + store));
      Map<String, String> common = new HashMap<>();
      common.put("AWS_REGION", "us-east-1");
      common.put("AWS_ACCESS_KEY_ID", "test");
      common.put("AWS_SECRET_ACCESS_KEY", "test");
      common.put("AWS_ENDPOINT_URL_KINESIS", kinesis.endpoint().toString());
      common.put("AWS_ENDPOINT_URL", (tls ? others.endpoint() : moto.endpoint()).toString());
      common.put("PUBLICATION_NAMES", "p");
      if (tls) {
        common.put("PGSSLMODE", "verify-full");
        common.put("PGSSLROOTCERT", bundle.toString());
      }
      List<Case> cases = new ArrayList<>();
      for (Map.Entry<String, Map<String, String>> settings : settings().entrySet()) {
        if (!settings.getKey().contains(arguments[5])) {
          continue;
        }
        LocalDeployment deployment = LocalDeployment.on(postgres, kinesis, 1).withSlot("pgoutput");
        deployment.sql("CREATE TABLE t (id int PRIMARY KEY)", "CREATE PUBLICATION p FOR TABLE t");
        kinesis
            .createStream(deployment.stream(), 1)
            .observe(delivery -> measurement.acknowledged.set(System.nanoTime()));
        Map<String, String> environment = new HashMap<>(deployment.environment());
        environment.putAll(common);
        environment.putAll(settings.getValue());
        cases.add(new Case(settings.getKey(), deployment, environment));
      }
      measurement.print(choices, cases, starts);
    }
    System.exit(0);
  }

  /** As many authorities as in production: those of Java, and in a bundle for PostgreSQL. */
  private static void trust(Path authority, Path javaHome, Path store, Path bundle)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(javaHome.resolve("lib/security/cacerts"))) {
      keys.load(in, PASSWORD);
    }
    try (InputStream in = Files.newInputStream(authority)) {
      keys.setCertificateEntry(
          "cold", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    // As Java's own, nothing of it is encrypted.
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, PASSWORD);
    }
    StringBuilder pem = new StringBuilder();
    for (String alias : Collections.list(keys.aliases())) {
      pem.append("-----BEGIN CERTIFICATE-----\n")
          .append(Base64.getMimeEncoder().encodeToString(keys.getCertificate(alias).getEncoded()))
          .append("\n-----END CERTIFICATE-----\n");
    }
    Files.writeString(bundle, pem);
  }

  private static void fill(Moto moto) {
    moto.call(
        "secretsmanager",
        "secretsmanager.CreateSecret",
        "{\"Name\":\"cold\",\"SecretString\":"
            + "\"{\\\"username\\\":\\\"postgres\\\",\\\"password\\\":\\\"postgres\\\"}\"}");
    moto.call(
        "ssm",
        "AmazonSSM.PutParameter",
        "{\"Name\":\"/cold/FORMAT\",\"Type\":\"String\",\"Value\":\"debezium\"}");
  }

  /** The environments that are measured; an empty variable is not set. */
  private static Map<String, Map<String, String>> settings() {
    Map<String, Map<String, String>> settings = new LinkedHashMap<>();
    settings.put("environment", Map.of());
    settings.put(
        "IAM, watermark: the template's defaults",
        Map.of("PGPASSWORD", "", "DB_IAM_AUTH", "true", "WATERMARK_PARAMETER", "/cold-iam"));
    settings.put(
        "secret, watermark, Parameter Store",
        Map.of(
            "PGUSER", "",
            "PGPASSWORD", "",
            "DB_SECRET_ID", "cold",
            "WATERMARK_PARAMETER", "/cold-secret",
            "CONFIG_PATH", "/cold"));
    return settings;
  }

  /** A deployment with a slot of its own, and how its function is configured. */
  private record Case(String name, LocalDeployment deployment, Map<String, String> environment) {

    void insert() {
      deployment.sql("INSERT INTO t SELECT coalesce(max(id), 0) + 1 FROM t");
    }
  }

  /** What one start cost. */
  private record Start(
      long initMillis,
      long acknowledgedMillis,
      long firstMillis,
      long secondMillis,
      long idleMillis,
      long initCpuMillis,
      long firstCpuMillis,
      long peakMegabytes) {}

  /** Loaded until the first event is asked for, and by the first run. */
  private record Classes(long inInit, long inFirst) {}

  private void print(List<String> choices, List<Case> cases, int starts) throws Exception {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      long classes = zip.stream().filter(e -> e.getName().endsWith(".class")).count();
      System.out.printf("%s: %,d bytes, %,d classes%n%n", jar, Files.size(jar), classes);
    }
    Map<String, List<Start>> results = new LinkedHashMap<>();
    Map<String, Classes> classes = new HashMap<>();
    for (int round = 0; round <= starts; round++) {
      for (Case measured : cases) {
        for (String choice : choices) {
          String name = "`" + choice.strip() + "` | " + measured.name();
          List<String> options = new ArrayList<>(trust);
          options.addAll(options(choice.strip()));
          if (round == 0) { // and the servers are warm
            classes.put(name, classes(options, measured));
          } else {
            results.computeIfAbsent(name, none -> new ArrayList<>()).add(start(options, measured));
          }
        }
      }
    }
    System.out.println(
        "| options | settings | init ms | event to acknowledged ms | first run ms | second run ms"
            + " | idle run ms | init CPU ms | first run CPU ms | peak RSS MB"
            + " | classes in init | in first run |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
    results.forEach(
        (name, all) -> {
          System.out.print("| " + name + " | ");
          List<Function<Start, Long>> spread =
              List.of(Start::initMillis, Start::acknowledgedMillis, Start::firstMillis);
          List<Function<Start, Long>> median =
              List.of(
                  Start::secondMillis,
                  Start::idleMillis,
                  Start::initCpuMillis,
                  Start::firstCpuMillis,
                  Start::peakMegabytes);
          spread.forEach(figure -> System.out.print(withSpread(sorted(all, figure)) + " | "));
          median.forEach(figure -> System.out.print(median(sorted(all, figure)) + " | "));
          Classes loaded = Objects.requireNonNull(classes.get(name));
          System.out.println(loaded.inInit() + " | " + loaded.inFirst() + " |");
        });
  }

  private static List<String> options(String choice) throws IOException {
    return choice.equals("stack")
        ? StackOptions.read()
        : Arrays.stream(choice.split(" +")).filter(option -> !option.isEmpty()).toList();
  }

  /** The program, with Lambda's own options; of two that say the same, the last counts. */
  private List<String> java(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/java").toString());
    command.addAll(
        List.of(
            "-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(options);
    return command;
  }

  private Classes classes(List<String> options, Case measured) throws Exception {
    Path log = Files.createTempFile("classes", ".log");
    List<String> logging = new ArrayList<>(options);
    logging.add("-Xlog:class+load=info:file=" + log);
    try (LambdaRuntime runtime = LambdaRuntime.start(java(logging), jar, measured.environment())) {
      runtime.init();
      long inInit = lines(log);
      measured.insert();
      run(runtime, "\"records\":1");
      return new Classes(inInit, lines(log) - inInit);
    } finally {
      Files.delete(log);
    }
  }

  private static long lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    }
  }

  private Start start(List<String> options, Case measured) throws Exception {
    try (LambdaRuntime runtime = LambdaRuntime.start(java(options), jar, measured.environment())) {
      long init = runtime.init().toMillis();
      long initCpu = cpuMillis(runtime);
      measured.insert();
      long event = System.nanoTime();
      long first = run(runtime, "\"records\":1");
      long acked = Duration.ofNanos(acknowledged.get() - event).toMillis();
      long firstCpu = cpuMillis(runtime);
      measured.insert();
      long second = run(runtime, "\"records\":1");
      List<Long> idle = new ArrayList<>();
      for (int i = 0; i < IDLE_RUNS; i++) {
        idle.add(run(runtime, "\"records\":0"));
      }
      Collections.sort(idle);
      return new Start(
          init,
          acked,
          first,
          second,
          median(idle),
          initCpu,
          firstCpu - initCpu,
          peakMegabytes(runtime));
    }
  }

  private static long run(LambdaRuntime runtime, String expected) throws Exception {
    long start = System.nanoTime();
    LambdaRuntime.Answer answer = runtime.invoke(POLL, LIMIT);
    long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
    if (!answer.ok() || !answer.body().contains(expected)) {
      throw new IllegalStateException(answer.body() + " " + runtime.log());
    }
    return millis;
  }

  private static long cpuMillis(LambdaRuntime runtime) {
    return ProcessHandle.of(runtime.pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow()
        .toMillis();
  }

  private static long peakMegabytes(LambdaRuntime runtime) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(runtime.pid()), "status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow()
        >> 10;
  }

  private static List<Long> sorted(List<Start> starts, Function<Start, Long> figure) {
    return starts.stream().map(figure).sorted().toList();
  }

  private static long median(List<Long> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  private static String withSpread(List<Long> sorted) {
    return "%,d (%,d–%,d)".formatted(median(sorted), sorted.get(0), sorted.get(sorted.size() - 1));
  }
}
