package dev.pg2kinesis;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.Parameters;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Command;
import dev.pg2kinesis.command.Commands;
import dev.pg2kinesis.command.SlotCommands;
import dev.pg2kinesis.command.StatusCommand;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.settings.DatabaseAccess;
import dev.pg2kinesis.settings.Settings;
import dev.pg2kinesis.slot.SlotException;
import dev.pg2kinesis.window.SpillException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What Lambda calls: reads the event, does what it asks for, writes the result as one JSON object
 * and one line of metrics to standard output. Failures are thrown, so that Lambda counts them.
 *
 * <p>The event is read as plain JSON and not as a typed EventBridge event, because EventBridge
 * Scheduler sends its {@code detail} as a string.
 */
public final class Handler implements RequestStreamHandler {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final InstantSource CLOCK = InstantSource.system();

  private final Supplier<Settings> source;
  private final AwsClients clients;
  private final PrintStream log;

  // Kept from one invocation to the next of a warm environment.
  private @Nullable Settings settings;
  private @Nullable KinesisStream stream;
  private @Nullable DatabaseAccess database;

  /** The handler that Lambda makes; settings are read in the first invocation. */
  public Handler() {
    this(new AwsClients());
  }

  private Handler(AwsClients clients) {
    this(() -> Settings.fromEnvironment(new Parameters(clients)::below), clients, System.out);
  }

  /** A handler with other settings, and with another log. */
  Handler(Supplier<Settings> source, PrintStream log) {
    this(source, new AwsClients(), log);
  }

  private Handler(Supplier<Settings> source, AwsClients clients, PrintStream log) {
    KinesisStream.keepConnections();
    this.source = source;
    this.clients = clients;
    this.log = log;
  }

  @Override
  public void handleRequest(InputStream event, OutputStream result, Context context)
      throws IOException {
    Command command = Command.parse(event.readAllBytes());
    JSON.writeValue(result, obey(command, context));
  }

  private Map<String, Object> obey(Command command, Context context) {
    Settings current = settings();
    Commands invocation =
        new Commands(
            current,
            database(current),
            stream(current),
            clients,
            context::getRemainingTimeInMillis,
            CLOCK,
            Path.of(System.getProperty("java.io.tmpdir")));
    Metrics metrics =
        new Metrics(
            log,
            current.slotName(),
            stream(current).address().name(),
            context.getAwsRequestId(),
            CLOCK);
    try {
      return switch (command.action()) {
        case POLL, DRAIN -> relayed(command, invocation.relay(command), metrics, context);
        case PEEK -> invocation.peek(command);
        case CREATE_SLOT -> noted(slotCommands(current, context).create(command), context);
        case DROP_SLOT -> noted(slotCommands(current, context).drop(command), context);
        case STATUS ->
            new StatusCommand(
                    current,
                    database(current),
                    stream(current),
                    watermark(current),
                    context::getRemainingTimeInMillis)
                .answer();
        case SKIP -> invocation.skip(command, line -> noted(line, context));
      };
    } catch (SlotException | SpillException e) {
      metrics.slotFailed(e.codeName());
      throw e;
    }
  }

  private SlotCommands slotCommands(Settings current, Context context) {
    return new SlotCommands(
        database(current),
        current.slotName(),
        current.publications(),
        context::getRemainingTimeInMillis);
  }

  private @Nullable VersionedParameter watermark(Settings current) {
    String name = current.watermarkParameter();
    return name == null ? null : new VersionedParameter(name, clients);
  }

  /**
   * Leaves one line in the log for what changed a slot or gave up changes; returns it as it was.
   */
  private Map<String, Object> noted(Map<String, Object> event, Context context) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("level", "INFO");
    line.put("requestId", context.getAwsRequestId());
    line.putAll(event);
    try {
      log.println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report is plain maps", e);
    }
    return event;
  }

  private Map<String, Object> relayed(
      Command command, RunReport report, Metrics metrics, Context context) {
    Lsn acceptedGap = command.acceptGap();
    if (acceptedGap != null) {
      noted(Map.of("action", report.action(), "acceptedGap", acceptedGap.toString()), context);
    }
    metrics.run(report);
    return report.fields();
  }

  private Settings settings() {
    Settings current = settings;
    if (current == null) {
      current = source.get();
      settings = current;
    }
    return current;
  }

  private KinesisStream stream(Settings current) {
    KinesisStream open = stream;
    if (open == null) {
      open = KinesisStream.at(new StreamAddress(current.stream()));
      stream = open;
    }
    return open;
  }

  private DatabaseAccess database(Settings current) {
    DatabaseAccess known = database;
    if (known == null) {
      known = DatabaseAccess.of(current.connection(), clients);
      database = known;
    }
    return known;
  }
}
