package dev.pg2kinesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import dev.pg2kinesis.error.CodedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One process with one handler, as Lambda keeps it warm, for what Java decides once in a process:
 * whom it trusts, and how it resolves names.
 */
final class WarmProcess {

  private static final String EVENT = "{\"action\":\"create-slot\"}";
  private static final String HOST = "db.example";

  private final List<String> options;
  private final Map<String, String> environment = new TreeMap<>();

  /**
   * @param options of Java
   */
  WarmProcess(String... options) {
    this.options = List.of(options);
    environment.put("PGHOST", HOST);
    environment.put("PGUSER", "postgres");
    environment.put("PGPASSWORD", "postgres");
    environment.put("STREAM_NAME", "none");
    environment.put("AWS_REGION", "us-east-1");
  }

  WarmProcess with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /**
   * Invokes {@code create-slot} once for each address, in one process.
   *
   * @param addresses of the database; a name that needs no resolving is taken as it is
   * @return the answers or errors
   */
  List<String> createSlotAt(String... addresses) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), WarmProcess.class.getName()));
    command.addAll(List.of(addresses));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    if (addresses[0].equals("localhost")) {
      builder.environment().put("PGHOST", "localhost");
    }
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), UTF_8)
        .lines()
        .filter(line -> line.startsWith("answer "))
        .map(line -> line.substring("answer ".length()))
        .toList();
  }

  /** Runs in the other process. */
  public static void main(String[] addresses) throws IOException {
    String hosts = System.getProperty("jdk.net.hosts.file");
    Handler handler = new Handler();
    for (String address : addresses) {
      if (hosts != null) {
        Files.writeString(Path.of(hosts), address + " " + HOST + "\n");
      }
      System.out.println("answer " + invoke(handler));
    }
  }

  private static String invoke(Handler handler) throws IOException {
    ByteArrayOutputStream result = new ByteArrayOutputStream();
    try {
      handler.handleRequest(new ByteArrayInputStream(EVENT.getBytes(UTF_8)), result, context());
      return result.toString(UTF_8);
    } catch (CodedException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Context context() {
    return (Context)
        Proxy.newProxyInstance(
            WarmProcess.class.getClassLoader(),
            new Class<?>[] {Context.class},
            (proxy, method, arguments) -> answer(method.getReturnType()));
  }

  private static @Nullable Object answer(Class<?> type) {
    if (type == int.class) {
      return 20_000;
    }
    return type == String.class ? "" : null;
  }
}
